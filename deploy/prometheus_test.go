package deploy_test

import (
	"net"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/model"

	"belfry/deploy"
	"belfry/deploy/stack"
	"belfry/rules/promapi"
)

// A real Prometheus with the shipped configuration stores what the rules and
// dashboards rely on. Only its intervals are shorter.
func TestPrometheusStoresWhatTheRulesNeed(t *testing.T) {
	target := serveExamples(t)
	api, log := startPrometheus(t, target)

	// Once all jobs have been scraped, everything else is stored too.
	jobs := map[model.LabelValue]bool{}
	for _, s := range awaitSeries(t, api, `up == 1`, 5) {
		jobs[s.Metric["job"]] = true
	}
	for _, job := range []model.LabelValue{
		"belfry-exporter", "belfry-alerts", "belfry-insights", "prometheus", "alertmanager",
	} {
		if !jobs[job] {
			t.Errorf("job %s is not scraped", job)
		}
	}

	one := func(promql string) *model.Sample {
		t.Helper()
		return awaitSeries(t, api, promql, 1)[0]
	}
	counter := one(`example_partitioned_total{job="belfry-exporter"}`).Metric
	if counter["instance"] != "" || counter["partition"] != "3" {
		t.Errorf("a series of a partition is stored as %v: it must not have the instance", counter)
	}
	if s := one(`example_process{job="belfry-exporter"}`); string(s.Metric["instance"]) != target {
		t.Errorf("a series of a process is stored as %v: it must have the instance", s.Metric)
	}
	if s := one(`example_seconds{job="belfry-exporter"}`); s.Histogram == nil {
		t.Errorf("the native histogram is not stored: %v", s)
	}
	if s := one(`example_seconds_bucket{job="belfry-exporter",le="30.0"}`); s.Metric["instance"] != "" {
		t.Errorf("the classic bucket is stored as %v: it must not have the instance", s.Metric)
	}
	if found := query(t, api, `{__name__=~"example_.*_created"}`); len(found) > 0 {
		t.Errorf("created timestamps are stored as series: %v", found)
	}

	runtime, err := api.Runtimeinfo(t.Context())
	if err != nil || runtime.StorageRetention != "400d" {
		t.Errorf("retention is %s (%v), want 400d", runtime.StorageRetention, err)
	}
	receivers, err := api.AlertManagers(t.Context())
	if err != nil || len(receivers.Active) != 1 || !strings.Contains(receivers.Active[0].URL, target) {
		t.Errorf("alerts go to %v (%v), want %s", receivers.Active, err, target)
	}
	if complaint := regexp.MustCompile(`level=(WARN|ERROR).*`).Find(read(t, log)); complaint != nil {
		t.Errorf("Prometheus complains: %s", complaint)
	}
}

// serveExamples serves a series of each kind that the configuration treats differently,
// and returns its address.
func serveExamples(t *testing.T) string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "example_partitioned_total", Help: "Of a partition.",
	}, []string{"partition"})
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "example_process", Help: "Of the process."})
	histogram := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "example_seconds", Help: "Of a partition, classic and native.",
		Buckets: []float64{1, 30}, NativeHistogramBucketFactor: 1.1,
	}, []string{"partition"})
	registry.MustRegister(counter, gauge, histogram)
	counter.WithLabelValues("3").Inc()
	histogram.WithLabelValues("3").Observe(2)

	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func startPrometheus(t *testing.T, target string) (api v1.API, log string) {
	t.Helper()
	programs, err := stack.Ensure(t.Context(), "", t.Output(), stack.Prometheus)
	if err != nil {
		t.Fatal(err)
	}
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	config, err := deploy.PrometheusConfig(deploy.Targets{
		Exporter: target, Alerts: target, Insights: target, Alertmanager: target, Grafana: deploy.Nowhere,
		Prometheus: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
	})
	if err != nil {
		t.Fatal(err)
	}
	intervals := regexp.MustCompile(`(scrape_interval|evaluation_interval|scrape_timeout): \d+s`)
	fast := intervals.ReplaceAll(config, []byte("${1}: 500ms"))
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	server, err := stack.StartPrometheus(t.Context(), stack.Options{
		Binary: programs[stack.Prometheus], ConfigFile: write(t, filepath.Join(dir, "deploy.yml"), fast),
		DataDir: filepath.Join(dir, "data"), Port: port, LogFile: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	api, err = promapi.New(server.URL, promapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return api, log
}

// awaitSeries repeats a query until it returns n series: Prometheus scrapes in its
// own time.
func awaitSeries(t *testing.T, api v1.API, promql string, n int) model.Vector {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		found := query(t, api, promql)
		if len(found) == n {
			return found
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s has %d series, want %d: %v", promql, len(found), n, found)
		}
	}
}

func query(t *testing.T, api v1.API, promql string) model.Vector {
	t.Helper()
	found, err := promapi.Query[model.Vector](t.Context(), api, promql, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return found
}
