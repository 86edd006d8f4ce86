package doors

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"belfry/deploy/stack"
	"belfry/rules/promapi"
)

const (
	// scrapeEvery is Prometheus's default timeout, and shorter than its default interval.
	scrapeEvery = 10 * time.Second
	// scrapers is how often each daemon is scraped in that time.
	scrapers = 10
)

// startScraper starts a Prometheus that scrapes the daemons. It is a process of its own:
// nothing of it waits for an attacker.
func (w *world) startScraper(ctx context.Context) error {
	var config strings.Builder
	fmt.Fprintf(&config, "global: {scrape_interval: %s, scrape_timeout: %[1]s}\nscrape_configs:\n", scrapeEvery)
	for n := range scrapers {
		fmt.Fprintf(&config, "  - job_name: scraper %d\n    static_configs:\n", n)
		for _, t := range w.daemons {
			fmt.Fprintf(&config, "      - {targets: ['%s'], labels: {daemon: %s}}\n", t.address, t.name)
		}
	}
	o, err := w.serverOptions("scraper", w.programs[stack.Prometheus], config.String())
	if err != nil {
		return err
	}
	w.scraper, err = stack.StartPrometheus(ctx, o)
	return err
}

// countScrapes completes the reports with what the scraper found in a time until now.
func (w *world) countScrapes(ctx context.Context, reports map[*target]*report, since time.Time) error {
	api, err := promapi.New(w.scraper.URL, promapi.Options{})
	if err != nil {
		return err
	}
	now := time.Now()
	period := fmt.Sprintf("[%dms]", now.Sub(since).Milliseconds())
	ask := func(t *target, query string) (value float64) {
		query = fmt.Sprintf(query, fmt.Sprintf("{daemon=%q}", t.name)+period)
		samples, failed := promapi.Query[model.Vector](ctx, api, query, now)
		err = errors.Join(err, failed)
		if len(samples) == 1 { // else nothing was scraped
			value = float64(samples[0].Value)
		}
		return value
	}
	for t, r := range reports {
		r.scrapes = int(ask(t, "sum(count_over_time(up%s))"))
		r.failed = r.scrapes - int(ask(t, "sum(sum_over_time(up%s))"))
		r.slowest = time.Duration(ask(t, "max(max_over_time(scrape_duration_seconds%s))") * float64(time.Second))
	}
	return err
}

// serverOptions writes a server's configuration and returns how to start it.
func (w *world) serverOptions(name, binary, config string) (o stack.Options, err error) {
	o = stack.Options{
		Binary: binary, ConfigFile: filepath.Join(w.dir, name+".yml"),
		DataDir: filepath.Join(w.dir, name), LogFile: filepath.Join(w.dir, name+".log"),
	}
	if o.Port, err = stack.FreePort(); err != nil {
		return o, err
	}
	return o, os.WriteFile(o.ConfigFile, []byte(config), 0o600)
}
