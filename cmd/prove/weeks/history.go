package weeks

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/prometheus/tsdb"

	belfryrules "belfry/rules"
	"belfry/rules/simtime"
)

// history monitors the platform in simulated time, with the shipped rules.
type history struct {
	*simtime.Server
	platform *platform
	// hidden reports whether the exporter hides its business families, as it does
	// while it replays, and down whether it does not answer at all.
	hidden, down func(time.Time) bool
	shown        bool
}

// newHistory opens an empty database in dir and loads the shipped rules.
func newHistory(ctx context.Context, dir string, p *platform) (*history, error) {
	files, err := belfryrules.Files()
	if err != nil {
		return nil, err
	}
	options := tsdb.DefaultOptions()
	options.MaxBlockDuration = (54 * time.Hour).Milliseconds() // a query over weeks opens few blocks
	options.RetentionDuration = (60 * 24 * time.Hour).Milliseconds()
	server, err := simtime.Open(ctx, dir, files, options)
	if err != nil {
		return nil, err
	}
	never := func(time.Time) bool { return false }
	return &history{Server: server, platform: p, hidden: never, down: never, shown: true}, nil
}

// run simulates the time after from, up to to. At every step it scrapes the
// exporter and evaluates the groups that are due; on steps over 10 s, at most once
// a minute. With names of groups it evaluates only these.
func (h *history) run(ctx context.Context, from, to time.Time, step time.Duration, groups ...string) error {
	least := step
	if step > 10*time.Second {
		least = time.Minute
	}
	for t := from.Add(step); !t.After(to); t = t.Add(step) {
		h.platform.step(t, step)
		if err := h.scrape(ctx, t); err != nil {
			return err
		}
		if err := h.Evaluate(ctx, t, least, groups...); err != nil {
			return err
		}
	}
	return nil
}

// scrape appends what the exporter shows, and marks series stale that it no
// longer shows.
func (h *history) scrape(ctx context.Context, t time.Time) error {
	down, hidden := h.down(t), h.hidden(t)
	p := h.platform
	p.up.value, p.exposed.value = 1, 1
	if down {
		p.up.value = 0
	}
	if hidden {
		p.exposed.value = 0
	}
	err := h.Scrape(ctx, t, func(add simtime.Append) error {
		for _, s := range p.all {
			value := s.value
			if gone := down && s != p.up || hidden && s.business; gone && !h.shown {
				continue
			} else if gone {
				value = simtime.Stale
			}
			if err := add(&s.Series, value); err != nil {
				return err
			}
		}
		return nil
	})
	h.shown = !down && !hidden
	return err
}

func alertName(f simtime.Firing) string { return f.Labels.Get("alertname") }

// describe formats a line about an alert that fired.
func describe(f simtime.Firing) string {
	return fmt.Sprintf("%s %s for %s from %s: %s",
		f.Labels.Get("severity"), alertName(f), f.To.Sub(f.From), f.From.Format("Mon 2006-01-02 15:04:05"), f.Labels)
}

// firingsOf returns the firings of the given alerts.
func firingsOf(all []simtime.Firing, alerts ...belfryrules.Alert) []simtime.Firing {
	return slices.DeleteFunc(slices.Clone(all), func(f simtime.Firing) bool {
		return !slices.ContainsFunc(alerts, func(a belfryrules.Alert) bool { return a.Name == alertName(f) })
	})
}
