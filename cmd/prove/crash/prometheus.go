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

// prometheus runs a real Prometheus with the shipped scrape configuration, except
// that it scrapes every second.
type prometheus struct {
	server *stack.Server
	api    v1.API
	began  time.Time
}

func (c *crashTest) startPrometheus(ctx context.Context) (*prometheus, error) {
	port, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	unused, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	config, err := deploy.PrometheusConfig(deploy.Targets{
		Exporter:   strings.TrimPrefix(c.exporter.url, "http://"),
		Prometheus: fmt.Sprintf("127.0.0.1:%d", port), Alertmanager: fmt.Sprintf("127.0.0.1:%d", unused),
		Grafana:   deploy.Nowhere,
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
	return &prometheus{server, api, time.Now()}, err
}

// increase holds what Prometheus has counted on one series.
type increase struct {
	sum    float64 // of the differences between samples
	first  float64 // sample
	resets int
}

// increases reads all raw samples of the monotone families and adds up their
// differences. The result is by series, see seriesName.
func (w *prometheus) increases(ctx context.Context) (map[string]*increase, error) {
	all := map[string]*increase{}
	window := time.Since(w.began) + time.Minute
	for _, name := range slices.Sorted(maps.Keys(monotone)) {
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

// increaseOf adds up the differences between samples. As for PromQL's increase, a
// lower sample than the one before means that the counter began again at 0.
func increaseOf(samples []model.SamplePair) *increase {
	c := &increase{first: float64(samples[0].Value)}
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

// await waits until a query returns a result.
func (w *prometheus) await(ctx context.Context, promql string) error {
	for {
		found, err := promapi.Query[model.Vector](ctx, w.api, promql, time.Time{})
		if len(found) > 0 || err != nil {
			return err
		}
		if err := sleep(ctx, scrapeEvery); err != nil {
			return err
		}
	}
}

// seriesName spells a series in one way for the test's own scrapes and for
// Prometheus, which adds labels and formats the bounds of buckets differently.
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
