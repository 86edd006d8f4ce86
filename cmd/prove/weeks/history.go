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

// history is the platform as a Prometheus in simulated time sees it, under the
// shipped rules.
type history struct {
	*simtime.Server
	platform *platform
	// hidden says when the exporter shows no business families, as it does while
	// it replays, and down when it does not answer at all.
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
	options.MaxBlockDuration = (54 * time.Hour).Milliseconds() // a look back of weeks opens few blocks
	options.RetentionDuration = (60 * 24 * time.Hour).Milliseconds()
	server, err := simtime.Open(ctx, dir, files, options)
	if err != nil {
		return nil, err
	}
	never := func(time.Time) bool { return false }
	return &history{Server: server, platform: p, hidden: never, down: never, shown: true}, nil
}

// run lets time pass from one moment to another. At every step the exporter is
// scraped and the groups are evaluated that are due, or those of the names where
// there are any; on coarse steps at most once a minute.
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

// scrape appends what the exporter shows. A series that vanishes is marked
// stale, as Prometheus does.
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

// alert names the alert of a spell.
func alert(s simtime.Spell) string { return s.Labels.Get("alertname") }

// describe is a line about a spell.
func describe(s simtime.Spell) string {
	return fmt.Sprintf("%s %s for %s from %s: %s",
		s.Labels.Get("severity"), alert(s), s.To.Sub(s.From), s.From.Format("Mon 2006-01-02 15:04:05"), s.Labels)
}

// of are the spells of some alerts.
func of(spells []simtime.Spell, alerts ...belfryrules.Alert) []simtime.Spell {
	return slices.DeleteFunc(slices.Clone(spells), func(s simtime.Spell) bool {
		return !slices.ContainsFunc(alerts, func(a belfryrules.Alert) bool { return a.Name == alert(s) })
	})
}
