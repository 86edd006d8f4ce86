package weeks

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"

	belfryrules "belfry/rules"
)

// history is a Prometheus database that is written in simulated time: samples
// as a server would scrape them and rules as it would evaluate them.
type history struct {
	db       *tsdb.DB
	groups   []*rules.Group
	platform *platform
	// hidden says when the exporter shows no business families, as it does while
	// it replays, and down when it does not answer at all.
	hidden, down func(time.Time) bool
	shown        bool
	firing       map[string]time.Time // since when, by alert
	spells       []spell
}

// spell is one time during which an alert fired.
type spell struct {
	alert, severity, labels string
	from, to                time.Time
}

// newHistory opens an empty database in dir and loads the shipped rules.
func newHistory(ctx context.Context, dir string, p *platform) (*history, error) {
	options := tsdb.DefaultOptions()
	options.MaxBlockDuration = (54 * time.Hour).Milliseconds() // a look back of weeks opens few blocks
	options.RetentionDuration = (60 * 24 * time.Hour).Milliseconds()
	db, err := tsdb.Open(filepath.Join(dir, "data"), promslog.NewNopLogger(), nil, options, nil)
	if err != nil {
		return nil, err
	}
	h := &history{db: db, platform: p, firing: map[string]time.Time{}, shown: true}
	never := func(time.Time) bool { return false }
	h.hidden, h.down = never, never
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 100e6, Timeout: time.Hour, Parser: parser.NewParser(parser.Options{}), LookbackDelta: 5 * time.Minute,
	})
	manager := rules.NewManager(&rules.ManagerOptions{
		QueryFunc: rules.EngineQueryFunc(engine, db), NotifyFunc: func(context.Context, string, ...*rules.Alert) {},
		Context: ctx, AppendableV2: db, Queryable: db, Logger: slog.New(slog.DiscardHandler),
	})
	files, err := belfryrules.Files()
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		file := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(file, files[path], 0o644); err != nil {
			return nil, err
		}
		groups, errs := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, file)
		if len(errs) > 0 {
			return nil, errs[0]
		}
		for _, g := range groups {
			for _, r := range g.AlertingRules() {
				r.SetRestored(true) // there is nothing to restore, and only then ALERTS is written
			}
			h.groups = append(h.groups, g)
		}
	}
	// Groups that are due at the same moment read what faster ones recorded.
	slices.SortFunc(h.groups, func(a, b *rules.Group) int {
		if d := a.Interval() - b.Interval(); d != 0 {
			return int(d)
		}
		return strings.Compare(a.Name(), b.Name())
	})
	return h, nil
}

// keep leaves the named groups.
func (h *history) keep(names ...string) {
	h.groups = slices.DeleteFunc(slices.Clone(h.groups), func(g *rules.Group) bool { return !slices.Contains(names, g.Name()) })
}

// run writes from one moment to another, scraping at every step and evaluating
// each group at its own interval, but on coarse steps at
// most once a minute.
func (h *history) run(ctx context.Context, from, to time.Time, step time.Duration) error {
	least := step
	if step > 10*time.Second {
		least = time.Minute
	}
	for t := from.Add(step); !t.After(to); t = t.Add(step) {
		if err := ctx.Err(); err != nil {
			return err
		}
		h.platform.step(t, step)
		if err := h.scrape(ctx, t); err != nil {
			return err
		}
		for _, g := range h.groups {
			if t.UnixMilli()%max(g.Interval(), least).Milliseconds() == 0 {
				g.Eval(ctx, t)
				if err := health(g); err != nil {
					return fmt.Errorf("at %s: %w", t.Format(time.RFC3339), err)
				}
				h.note(g, t)
			}
		}
	}
	return nil
}

// health is the first rule of the group that could not be evaluated.
func health(g *rules.Group) error {
	for _, r := range g.Rules() {
		if r.Health() == rules.HealthBad {
			return fmt.Errorf("evaluate %s: %w", r.Name(), r.LastError())
		}
	}
	return nil
}

// scrape appends what the exporter shows. A series that vanishes is marked
// stale, as Prometheus does.
func (h *history) scrape(ctx context.Context, t time.Time) error {
	down, hidden := h.down(t), h.hidden(t)
	app := h.db.Appender(ctx)
	for _, s := range h.platform.all {
		name := s.labels.Get("__name__")
		v, gone := s.value, down || hidden && s.business
		switch {
		case name == "up":
			v, gone = 1, false
			if down {
				v = 0
			}
		case name == "belfry_partition_exposed" && hidden:
			v = 0
		case gone && !h.shown:
			continue
		case gone:
			v = math.Float64frombits(value.StaleNaN)
		}
		ref, err := app.Append(s.ref, s.labels, t.UnixMilli(), v)
		if err != nil {
			return fmt.Errorf("append %s: %w", s.labels, err)
		}
		s.ref = ref
	}
	h.shown = !down && !hidden
	return app.Commit()
}

// note follows which alerts fire.
func (h *history) note(g *rules.Group, t time.Time) {
	for _, r := range g.AlertingRules() {
		now := map[string]bool{}
		r.ForEachActiveAlert(func(a *rules.Alert) {
			if a.State != rules.StateFiring {
				return
			}
			key := a.Labels.String()
			now[key] = true
			if _, fires := h.firing[key]; !fires {
				h.firing[key] = t
			}
		})
		for key, since := range h.firing {
			if strings.Contains(key, `alertname="`+r.Name()+`"`) && !now[key] && r.Labels().Get("severity") == severity(key) && window(r.Labels().Get("window"), key) {
				h.spells = append(h.spells, spell{r.Name(), severity(key), key, since, t})
				delete(h.firing, key)
			}
		}
	}
}

// window reports whether the alert with the labels is of the rule's window.
func window(own, key string) bool {
	if own == "" {
		return !strings.Contains(key, "window=")
	}
	return strings.Contains(key, `window="`+own+`"`)
}

// severity reads it out of an alert's labels.
func severity(key string) string {
	_, rest, _ := strings.Cut(key, `severity="`)
	severity, _, _ := strings.Cut(rest, `"`)
	return severity
}

// fired are all alerts that fired, those that still do until the end, oldest first.
func (h *history) fired(end time.Time) []spell {
	all := slices.Clone(h.spells)
	for key, since := range h.firing {
		_, rest, _ := strings.Cut(key, `alertname="`)
		name, _, _ := strings.Cut(rest, `"`)
		all = append(all, spell{name, severity(key), key, since, end})
	}
	slices.SortFunc(all, func(a, b spell) int { return a.from.Compare(b.from) })
	return all
}
