package exporter_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belfry/deploy/stack"
	"belfry/exporter"
)

// A Prometheus with default settings stores each sample of the text exposition
// as one series and nothing else: created timestamps do not become series.
func TestADefaultPrometheusStoresWhatIsShownAndNoMore(t *testing.T) {
	in := install(t, 1)
	for i := range 20 {
		in.publish(0, "sent", sent(fmt.Sprint("n", i)))
		in.publish(0, "delivered", delivered(fmt.Sprint("n", i)))
	}
	r := in.run(exporter.Options{})
	defer r.stop()
	r.await("readiness", func() bool { ready, _ := r.Ready(); return ready })

	prometheus := startPrometheus(t, fmt.Sprintf("scrape_configs: [{job_name: belfry, "+
		"scrape_interval: 200ms, scrape_timeout: 200ms, static_configs: [{targets: [%q]}]}]",
		strings.TrimPrefix(r.http.URL, "http://")))
	r.await("a scrape", func() bool { return queryScalar(t, prometheus, `up{job="belfry"} == 1`) == 1 })

	if got := queryScalar(t, prometheus, `count({__name__=~".+_created"})`); got != 0 {
		t.Errorf("%v series of created timestamps are stored", got)
	}
	_, text := r.get("/metrics", "text/plain;version=0.0.4")
	shown := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			shown++
		}
	}
	// Prometheus adds up and its own measurements of the scrape.
	got := queryScalar(t, prometheus, `count({job="belfry", __name__!~"up|scrape_.+"})`)
	if int(got) != shown {
		t.Errorf("%v series are stored, %d samples are shown", got, shown)
	}
	// promhttp shows its own counters only after the first response.
	if shown < 100 {
		t.Errorf("only %d samples are shown", shown)
	}
}

func startPrometheus(t *testing.T, config string) (address string) {
	t.Helper()
	programs, err := stack.Ensure(t.Context(), "", os.Stderr, stack.Prometheus)
	if err != nil {
		t.Fatal(err)
	}
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := stack.StartPrometheus(t.Context(), stack.Options{
		Binary: programs[stack.Prometheus], ConfigFile: file, DataDir: filepath.Join(dir, "data"),
		Port: port, LogFile: filepath.Join(dir, "log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server.URL
}

// queryScalar returns the result of an instant query with at most one element,
// or 0 if it is empty.
func queryScalar(t *testing.T, prometheus, query string) float64 {
	t.Helper()
	response, err := http.Get(prometheus + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Data  struct{ Result []struct{ Value [2]any } }
		Error string
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Error != "" {
		t.Fatalf("query %s: %v %s", query, err, answer.Error)
	}
	if len(answer.Data.Result) == 0 {
		return 0
	}
	var value float64
	if _, err := fmt.Sscan(answer.Data.Result[0].Value[1].(string), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
