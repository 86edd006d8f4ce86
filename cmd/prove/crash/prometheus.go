package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"belfry/deploy"
	"belfry/deploy/stack"
)

// watcher is a real Prometheus under the shipped scrape configuration, but that
// it scrapes every second.
type watcher struct {
	server *stack.Server
	began  time.Time
}

func (c *crashTest) startPrometheus(ctx context.Context) (*watcher, error) {
	port, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	nobody, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	config, err := deploy.PrometheusConfig(deploy.Targets{
		Exporter:   strings.TrimPrefix(c.exporter.url, "http://"),
		Prometheus: fmt.Sprintf("127.0.0.1:%d", port), Alertmanager: fmt.Sprintf("127.0.0.1:%d", nobody),
		RuleFiles: []string{filepath.Join(c.dir, "no-rules", "*.yaml")},
	})
	if err != nil {
		return nil, err
	}
	config = regexp.MustCompile(`(scrape_interval|scrape_timeout): \d+s`).ReplaceAll(config, []byte("${1}: 1s"))
	file := filepath.Join(c.dir, "prometheus.yml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, err
	}
	server, err := stack.StartPrometheus(ctx, stack.Options{
		Binary: c.programs[stack.Prometheus], ConfigFile: file, DataDir: filepath.Join(c.dir, "prometheus"),
		Port: port, LogFile: filepath.Join(c.dir, "prometheus.log"),
	})
	if err != nil {
		return nil, err
	}
	return &watcher{server, time.Now()}, nil
}

// counted is what a Prometheus has counted on one series.
type counted struct {
	sum    float64 // of the differences between its samples
	first  float64
	resets int
}

// count reads all raw samples of the families of the fold and adds up their
// differences, as increase does: a sample below the one before begins at 0. The
// result is by series, see seriesName.
func (w *watcher) count(ctx context.Context) (map[string]*counted, error) {
	all := map[string]*counted{}
	window := time.Since(w.began) + time.Minute
	for _, name := range slices.Sorted(maps.Keys(monotoneNames)) {
		found, err := w.query(ctx, fmt.Sprintf("%s[%ds]", name, int(window.Seconds())))
		if err != nil {
			return nil, fmt.Errorf("query %s: %w", name, err)
		}
		for _, s := range found {
			if len(s.Values) > 0 {
				all[seriesName(name, s.Metric)] = s.Values.count()
			}
		}
	}
	return all, nil
}

// samples are the raw samples of a series.
type samples []float64

// UnmarshalJSON reads [[time,"value"],…] without a value in between, for there
// are millions of them.
func (v *samples) UnmarshalJSON(text []byte) error {
	for {
		begin := bytes.IndexByte(text, '"')
		if begin < 0 {
			return nil
		}
		end := bytes.IndexByte(text[begin+1:], '"')
		if end < 0 {
			return fmt.Errorf("sample without an end: %s", text[begin:])
		}
		value, err := strconv.ParseFloat(string(text[begin+1:begin+1+end]), 64)
		if err != nil {
			return err
		}
		*v, text = append(*v, value), text[begin+end+2:]
	}
}

func (v samples) count() *counted {
	c := &counted{first: v[0]}
	for i := 1; i < len(v); i++ {
		if v[i] < v[i-1] {
			c.resets++
			c.sum += v[i]
			continue
		}
		c.sum += v[i] - v[i-1]
	}
	return c
}

// rawSeries is one series of an answer.
type rawSeries struct {
	Metric map[string]string
	Values samples
}

func (w *watcher) query(ctx context.Context, promql string) ([]rawSeries, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+"/api/v1/query?query="+url.QueryEscape(promql), nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct {
		Error string
		Data  struct{ Result []rawSeries }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("prometheus: %s", answer.Error)
	}
	return answer.Data.Result, nil
}

// await waits until a query has a result.
func (w *watcher) await(ctx context.Context, promql string) error {
	for {
		found, err := w.query(ctx, promql)
		if len(found) > 0 || err != nil {
			return err
		}
		if err := pause(ctx, scrapeEvery); err != nil {
			return err
		}
	}
}

// seriesName is one spelling of a series for the test's scrapes and for
// Prometheus, which adds labels of its own and writes bounds in its own way.
func seriesName(name string, labels map[string]string) string {
	var b strings.Builder
	b.WriteString(name)
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		value := labels[label]
		switch label {
		case "__name__", "job":
			continue
		case "le":
			if bound, err := strconv.ParseFloat(value, 64); err == nil {
				value = strconv.FormatFloat(bound, 'g', -1, 64)
			}
		}
		fmt.Fprintf(&b, "|%s=%s", label, value)
	}
	return b.String()
}
