package history

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	engine "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"
	"golang.org/x/sync/errgroup"

	"belfry/rules"
)

// recorder evaluates the shipped rules over a database at simulated times.
type recorder struct{ groups []*engine.Group }

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
	r := &recorder{}
	for _, g := range groups {
		for _, alert := range g.AlertingRules() {
			alert.SetRestored(true) // else it writes no ALERTS
		}
		r.groups = append(r.groups, g)
	}
	return r, nil
}

// record evaluates the groups that are due: those of an interval below least
// are evaluated that often only. The first rule that fails is an error.
func (r *recorder) record(ctx context.Context, at time.Time, least time.Duration) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for _, g := range r.groups {
		if at.UnixMilli()%max(g.Interval(), least).Milliseconds() != 0 {
			continue
		}
		group.Go(func() error {
			g.Eval(ctx, at)
			for _, rule := range g.Rules() {
				if err := rule.LastError(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}
