package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/rogpeppe/go-internal/testscript"

	"belfry/deploy/stack"
)

// The stories in testdata/rules run the subcommands about rules files against
// the real Prometheus and Alertmanager. Beside the usual commands they have
//
//	amtool                   the real one, at $AMTOOL
//	backfill STEP FILE       history that ends now: each line a series as in promtool's tests
//	prometheus [FLAG…]       a Prometheus with that history, at $PROMETHEUS, that reads rules/notification-*.yaml
//	alertmanager             an Alertmanager, at $ALERTMANAGER, that reads alertmanager/alertmanager.yml
//	ask URL [REGEXP]         stdout is what an HTTP server answers, once it matches
//	said FILE                the last stdout is exactly the file, all times being TIME
func TestRulesStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/rules",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"amtool":       locateAmtool,
			"backfill":     fillPrometheus,
			"prometheus":   startRulesPrometheus,
			"alertmanager": startRulesAlertmanager,
			"ask":          ask,
			"said":         func(ts *testscript.TestScript, _ bool, args []string) { compareRules(ts, args[0]) },
		}})
}

func ensured(ts *testscript.TestScript, program stack.Program) string {
	programs, err := stack.Ensure(context.Background(), "", io.Discard, program)
	ts.Check(err)
	return programs[program]
}

func locateAmtool(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Setenv("AMTOOL", ensured(ts, stack.Amtool))
}

func fillPrometheus(ts *testscript.TestScript, _ bool, args []string) {
	step, err := time.ParseDuration(args[0])
	ts.Check(err)
	w, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), ts.MkAbs("data"), (40 * 24 * time.Hour).Milliseconds())
	ts.Check(err)
	appender := w.Appender(context.Background())
	end := time.Now().Truncate(step)
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		series, values, err := parser.NewParser(parser.Options{}).ParseSeriesDesc(strings.TrimSpace(line))
		ts.Check(err)
		at := end.Add(-time.Duration(len(values)-1) * step)
		for _, v := range values {
			if !v.Omitted {
				_, err := appender.Append(0, series, at.UnixMilli(), v.Value)
				ts.Check(err)
			}
			at = at.Add(step)
		}
	}
	ts.Check(appender.Commit())
	_, err = w.Flush(context.Background())
	ts.Check(err)
	ts.Check(w.Close())
}

func startRulesPrometheus(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.MkdirAll(ts.MkAbs("rules"), 0o755))
	config := ts.MkAbs("prometheus.yml")
	ts.Check(writeFile(config, fmt.Appendf(nil, "rule_files: [%s/notification-*.yaml]\n", ts.MkAbs("rules"))))
	startRulesServer(ts, stack.Prometheus, "PROMETHEUS",
		append(args, "--config.file="+config, "--storage.tsdb.path="+ts.MkAbs("data"))...)
}

func startRulesAlertmanager(ts *testscript.TestScript, _ bool, _ []string) {
	startRulesServer(ts, stack.Alertmanager, "ALERTMANAGER", "--config.file="+ts.MkAbs("alertmanager/alertmanager.yml"),
		"--storage.path="+ts.MkAbs("alertmanager-data"), "--cluster.listen-address=")
}

func startRulesServer(ts *testscript.TestScript, program stack.Program, variable string, args ...string) {
	port, err := stack.FreePort()
	ts.Check(err)
	server, err := stack.Start(context.Background(), stack.Command{
		Name: string(program), Binary: ensured(ts, program), Port: port, ReadyPath: "/-/ready",
		LogFile: filepath.Join(ts.MkAbs("."), string(program)+".log"),
		Args:    append(args, fmt.Sprintf("--web.listen-address=127.0.0.1:%d", port)),
	})
	ts.Check(err)
	ts.Defer(func() { ts.Check(server.Stop()) })
	ts.Setenv(variable, server.URL)
}

// compareRules compares the last stdout, in which the folder of the story is
// WORK and every time is TIME.
func compareRules(ts *testscript.TestScript, file string) {
	got := absoluteTime.ReplaceAllString(ts.ReadFile("stdout"), "TIME")
	got = strings.ReplaceAll(got, ts.MkAbs(".")+"/", "WORK/")
	if diff := cmp.Diff(ts.ReadFile(file), got); diff != "" {
		ts.Fatalf("(-%s +stdout)\n%s", file, diff)
	}
}
