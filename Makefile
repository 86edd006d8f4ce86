# Belfry: `make help` lists the targets. A new machine needs Go, make and a C
# compiler; everything else is fetched and built here.

STACK := .stack/bin

.DEFAULT_GOAL := help
.PHONY: help build test test-rules test-tiles test-totals test-pages test-doors test-verdicts test-weeks test-clock test-reports test-scores test-insights check lint-shipped generate demo bench bench-state bench-dashboards bench-analytics bench-rules crash-test stack vulncheck fuzz fuzz-config fuzz-insights clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

build: ## build belfry and belfry-exporter into bin/
	go build -o bin/ ./cmd/belfry ./cmd/belfry-exporter

stack: ## build the pinned Prometheus, Alertmanager and NATS servers, once
	go run ./deploy/stack/build.go

test: stack ## run all tests, with the race detector but for the proofs, then the whole system end to end; 25 minutes on 2 cores
	go test -race -timeout 30m $$(go list ./... | grep -v /cmd/prove)
	go test -timeout 30m ./cmd/prove/...
	go test -tags e2e -run TestDemoCheck -timeout 15m ./cmd/belfry
	go test -tags e2e -run TestVerdicts -timeout 15m ./cmd/prove/verdicts

test-rules: stack ## promtool on the rules' cases, and every edit of a rule noticed by one
	go run ./cmd/prove rules

test-tiles: ## a hundred random pasts, through which the recorded increases add up to the unit; up to an hour
	go test ./rules -run TestTilesAddUp -timeout 2h -tiles.seeds=50

test-totals: stack ## dashboards over a day, a week and a simulated year show what was counted; up to an hour
	go run ./cmd/prove totals

test-pages: stack ## each urgent fault pages once, and a second one still does: all in simulated time, the main ones on the real servers; half an hour
	go run ./cmd/prove weeks urgent
	go test -tags e2e -run TestUrgentFaults -v -timeout 40m ./cmd/belfry

test-doors: stack ## hostile HTTP against every daemon: memory, scrapes, history and counts stand; 10 minutes
	go run ./cmd/prove doors

test-verdicts: stack ## experiments with known effects, from their events to verdicts and alerts; up to an hour
	go run ./cmd/prove verdicts

test-weeks: stack ## three quiet weeks, and seasonal faults, in simulated time; up to an hour
	go run ./cmd/prove weeks

test-clock: ## a year with two clock changes, and faults at every hour of the weeks after them; about two hours
	go run ./cmd/prove weeks clock
	go run ./cmd/prove weeks faults

test-reports: ## 50 kills of the sender of reports: each occurrence arrives, and again only where nobody can know; 2 minutes
	go test ./insights/report/schedule -run TestKills -v -kills=50

test-scores: ## anomalies and forecasts scored on made-up series of twelve shapes; a few minutes
	go test ./insights/anomaly ./insights/forecast -run TestScores -v -timeout 30m -scores.seeds=3

test-insights: ## simulated experiments: wrong winners under 100 looks, power, coverage, variance reduction; 2 minutes
	go test ./insights/experiment -run 'TestNoWinner|TestPower|TestCoverage|TestCorrelation' -v -timeout 30m -experiment.full

check: ## formatting, vet, staticcheck, and whether generated files are fresh; 3 minutes
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || (echo "the files above need gofmt -w" >&2; exit 1)
	go vet ./...
	go vet ./deploy/stack/build.go
	go vet -tags e2e ./cmd/belfry ./cmd/prove/verdicts
	go tool staticcheck ./...
	go run ./cmd/belfry generate --check

# pint is pinned in deploy/lint. dashboard-linter has releases to put on PATH, and cannot be installed by Go.
lint-shipped: ## pint and, if it is on PATH, dashboard-linter on what is shipped; PROMETHEUS=URL compares with its series; half a minute, the first time minutes
	@mkdir -p .stack
	@cp .pint.hcl .stack/pint.hcl
	@test -z "$(PROMETHEUS)" || printf 'prometheus "live" {\n  uri = "%s"\n}\n' "$(PROMETHEUS)" >>.stack/pint.hcl
	go tool -modfile=deploy/lint/pint.mod pint --config .stack/pint.hcl --log-level WARN lint --fail-on warning rules/*.yaml
	@command -v dashboard-linter >/dev/null || echo "dashboard-linter is not on PATH: see https://github.com/grafana/dashboard-linter"
	@! command -v dashboard-linter >/dev/null || for f in grafana/dashboards/*/*.json; do \
		said=$$(dashboard-linter lint --strict --config .lint "$$f" 2>&1) || { echo "$$f: $$said" >&2; exit 1; }; done

generate: ## write rules, routing, dashboards and the metric reference from Go
	go run ./cmd/belfry generate

demo: ## run the whole system on this machine, with simulated traffic
	go build -o bin/ ./cmd/belfry
	bin/belfry demo

bench: ## throughput of the exporter beside a consumer that only counts, with four partitions and with one
	go test -run '^$$' -bench . -benchmem ./exporter/...
	go run ./cmd/prove speed
	go run ./cmd/prove speed --partitions=1

bench-state: ## the durable store with 10 and with 100 million records; takes long and 20 GB of disk
	go run ./cmd/prove state

bench-dashboards: stack ## how long each dashboard takes to open over an hour and over a year; 10 minutes and 6 GB of disk
	go run ./cmd/prove dashboards

bench-analytics: stack ## how long analytics takes over twelve months; 5 minutes and 4 GB of disk. DAYS=30 is a short variant
	go run ./cmd/prove analytics --days=$(or $(DAYS),365)

bench-rules: ## what the evaluation of each rule group takes at 12,000 and at 44,000 series; 2 minutes
	go run ./cmd/prove cost

crash-test: stack ## 500,000 events, 20 kills: no counter goes down, every total is right; 5 minutes
	go run ./cmd/prove crash

fuzz: ## fuzz the event decoder and the rules file for two minutes
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 60s ./exporter/event
	go test -run '^$$' -fuzz FuzzRulesFile -fuzztime 60s ./rules

fuzz-config: ## fuzz exporter configurations for five minutes: each is refused, or it starts, reloads and scrapes
	go test -run '^$$' -fuzz 'FuzzConfiguration$$' -fuzztime 150s ./exporter
	go test -run '^$$' -fuzz FuzzConfigurationText -fuzztime 150s ./exporter

fuzz-insights: ## fuzz what insights reads, files and parameters, for two minutes
	go test -run '^$$' -fuzz FuzzReadCSV -fuzztime 30s ./insights/series
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 20s ./insights/strictjson
	go test -run '^$$' -fuzz FuzzJudge -fuzztime 30s ./insights/experiment
	go test -run '^$$' -fuzz FuzzParams -fuzztime 20s ./insights/analytics
	go test -run '^$$' -fuzz FuzzHarmless -fuzztime 20s ./insights/table

vulncheck: ## look for known vulnerabilities; needs the Go vulnerability database
	@go tool govulncheck ./... || (echo "govulncheck failed: see above; its database must be reachable" >&2; exit 1)

clean: ## remove what was built
	rm -rf bin .demo
