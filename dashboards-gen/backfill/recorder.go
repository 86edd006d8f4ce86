package backfill

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	engine "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"

	"belfry/rules"
)

// recorder evaluates the shipped rules over a database at simulated times.
type recorder struct {
	groups []*engine.Group
	last   map[*engine.Group]time.Time // when each was evaluated
}

// newRecorder loads the generated rule files as Prometheus does.
func newRecorder(ctx context.Context, db *tsdb.DB, dir string) (*recorder, error) {
	files, err := rules.Files()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var paths []string
	for path, content := range files {
		to := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(to, content, 0o644); err != nil {
			return nil, err
		}
		paths = append(paths, to)
	}
	promQL := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 50_000_000, Timeout: time.Minute, LookbackDelta: 5 * time.Minute, Parser: parser.NewParser(parser.Options{}),
	})
	manager := engine.NewManager(&engine.ManagerOptions{
		NameValidationScheme: model.UTF8Validation, ExternalURL: &url.URL{}, Context: ctx,
		QueryFunc: engine.EngineQueryFunc(promQL, db), NotifyFunc: func(context.Context, string, ...*engine.Alert) {},
		AppendableV2: db, Queryable: db, Logger: slog.New(slog.DiscardHandler),
	})
	groups, wrong := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, paths...)
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	r := &recorder{last: map[*engine.Group]time.Time{}}
	for _, g := range groups {
		for _, alert := range g.AlertingRules() {
			alert.SetRestored(true) // else it writes no ALERTS
		}
		r.groups = append(r.groups, g)
	}
	slices.SortFunc(r.groups, func(a, b *engine.Group) int { return strings.Compare(a.File()+a.Name(), b.File()+b.Name()) })
	return r, nil
}

// record evaluates the groups that are due, always in the same order: those of an
// interval below least are evaluated that often only. The first rule that fails
// is an error.
func (r *recorder) record(ctx context.Context, at time.Time, least time.Duration) error {
	if least > window && at.UnixMilli()%least.Milliseconds() != 0 {
		return nil // the scrapes before are there for the windows of this moment
	}
	for _, g := range r.groups {
		if at.Sub(r.last[g]) < max(g.Interval(), min(least, window)) {
			continue
		}
		r.last[g] = at
		g.Eval(ctx, at)
		for _, rule := range g.Rules() {
			if err := rule.LastError(); err != nil {
				return err
			}
		}
	}
	return nil
}
