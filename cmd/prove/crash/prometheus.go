package crash

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"belfry/deploy"
	"belfry/deploy/stack"
	"belfry/rules/promapi"
)

// watcher is a real Prometheus under the shipped scrape configuration, but that
// it scrapes every second.
type watcher struct {
	server *stack.Server
	api    v1.API
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
	api, err := promapi.New(server.URL, promapi.Options{MaxBytes: 1 << 30})
	return &watcher{server, api, time.Now()}, err
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
		raw := fmt.Sprintf("%s[%ds]", name, int(window.Seconds()))
		found, err := promapi.Query[model.Matrix](ctx, w.api, raw, time.Time{})
		if err != nil {
			return nil, fmt.Errorf("query %s: %w", name, err)
		}
		for _, s := range found {
			if len(s.Values) > 0 {
				all[seriesName(name, s.Metric)] = increaseOf(s.Values)
			}
		}
	}
	return all, nil
}

// increaseOf adds up the differences between samples.
func increaseOf(samples []model.SamplePair) *counted {
	c := &counted{first: float64(samples[0].Value)}
	for i, s := range samples[1:] {
		difference := float64(s.Value - samples[i].Value)
		if difference < 0 {
			c.resets++
			difference = float64(s.Value)
		}
		c.sum += difference
	}
	return c
}

// await waits until a query has a result.
func (w *watcher) await(ctx context.Context, promql string) error {
	for {
		found, err := promapi.Query[model.Vector](ctx, w.api, promql, time.Time{})
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
func seriesName[K, V ~string](name string, labels map[K]V) string {
	var b strings.Builder
	b.WriteString(name)
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		value := string(labels[label])
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
