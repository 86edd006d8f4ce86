package deploy_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"belfry/deploy"
	"belfry/deploy/stack"
)

// A real Prometheus with the shipped configuration stores what the rules and
// dashboards count on. Only its clock is faster.
func TestPrometheusStoresWhatTheRulesNeed(t *testing.T) {
	target := exporter(t)
	server, log := startPrometheus(t, target)

	// All jobs have been scraped, so whatever else is stored is there too.
	scraped := awaitSeries(t, server, `up == 1`, 4)
	jobs := map[string]bool{}
	for _, s := range scraped {
		jobs[s.Metric["job"]] = true
	}
	if !jobs["belfry-exporter"] || !jobs["belfry-alerts"] || !jobs["prometheus"] || !jobs["alertmanager"] {
		t.Errorf("jobs %v are scraped", jobs)
	}

	one := func(query string) series {
		t.Helper()
		return awaitSeries(t, server, query, 1)[0]
	}
	if s := one(`example_partitioned_total{job="belfry-exporter"}`); s.Metric["instance"] != "" || s.Metric["partition"] != "3" {
		t.Errorf("a series of a partition is stored as %v: it must not carry the instance", s.Metric)
	}
	if s := one(`example_process{job="belfry-exporter"}`); s.Metric["instance"] != target {
		t.Errorf("a series of a process is stored as %v: it must carry the instance", s.Metric)
	}
	if s := one(`example_seconds{job="belfry-exporter"}`); s.Histogram == nil {
		t.Errorf("the native histogram is not stored: %v", s)
	}
	if s := one(`example_seconds_bucket{job="belfry-exporter",le="30.0"}`); s.Metric["instance"] != "" {
		t.Errorf("the classic bucket is stored as %v: it must not carry the instance", s.Metric)
	}
	if found := query(t, server, `{__name__=~"example_.*_created"}`); len(found) > 0 {
		t.Errorf("created timestamps are stored as series of their own: %v", found)
	}

	var runtime struct{ StorageRetention string }
	get(t, server, "/api/v1/status/runtimeinfo", &runtime)
	if runtime.StorageRetention != "400d" {
		t.Errorf("retention is %s, want 400d", runtime.StorageRetention)
	}
	var receivers struct{ ActiveAlertmanagers []struct{ URL string } }
	get(t, server, "/api/v1/alertmanagers", &receivers)
	if len(receivers.ActiveAlertmanagers) != 1 || !strings.Contains(receivers.ActiveAlertmanagers[0].URL, target) {
		t.Errorf("alerts go to %v, want %s", receivers.ActiveAlertmanagers, target)
	}
	if complaint := regexp.MustCompile(`level=(WARN|ERROR).*`).Find(read(t, log)); complaint != nil {
		t.Errorf("Prometheus complains: %s", complaint)
	}
}

// exporter serves one series of each kind that the configuration treats in its
// own way, and says where.
func exporter(t *testing.T) string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "example_partitioned_total", Help: "Of a partition."}, []string{"partition"})
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

func startPrometheus(t *testing.T, target string) (server *stack.Server, log string) {
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
		Exporter: target, Alerts: target, Alertmanager: target, Prometheus: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
	})
	if err != nil {
		t.Fatal(err)
	}
	fast := regexp.MustCompile(`(scrape_interval|evaluation_interval|scrape_timeout): \d+s`).ReplaceAll(config, []byte("${1}: 500ms"))
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	server, err = stack.StartPrometheus(t.Context(), stack.Options{
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
	return server, log
}

// series is one element of an instant query's answer.
type series struct {
	Metric    map[string]string
	Value     []any
	Histogram []any
}

// awaitSeries asks until the answer has so many series: scrapes happen when
// Prometheus wants to.
func awaitSeries(t *testing.T, server *stack.Server, promql string, n int) []series {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		found := query(t, server, promql)
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

func query(t *testing.T, server *stack.Server, promql string) []series {
	t.Helper()
	var answer struct{ Result []series }
	get(t, server, "/api/v1/query?query="+url.QueryEscape(promql), &answer)
	return answer.Result
}

// get reads the data of an API answer.
func get(t *testing.T, server *stack.Server, path string, data any) {
	t.Helper()
	response, err := http.Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s: %v %s", path, err, answer.Error)
	}
}
