// Package simtime runs a Prometheus in simulated time, and describes the
// platform that it watches there.
//
// A [Server] has the database and the rule engine of Prometheus, as libraries.
// Its caller says when to scrape and when to evaluate, so that weeks pass in
// minutes:
//
//	server, err := simtime.Open(ctx, dir, files, tsdb.DefaultOptions())
//	…
//	for at := from; at.Before(to); at = at.Add(10 * time.Second) {
//		err := server.Scrape(ctx, at, samples)
//		…
//		err = server.Evaluate(ctx, at, 0)
//		…
//	}
//	fired := server.Fired(to)
//
// Rules see what they would see on a real server that scrapes and evaluates
// without delay: each group is evaluated at its own interval, its rules in their
// order. Where several groups are due at once, those with shorter intervals come
// first. What a server leaves to chance, the offset of a group within its
// interval, is 0 here.
//
// [Channels] and [Busy] are the platform: who carries its notifications, how
// many there are, and when.
package simtime

import (
	"context"
	"errors"
	"fmt"
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
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"
)

// Server is a Prometheus in simulated time. It is not safe for concurrent use.
type Server struct {
	// DB holds what was scraped and recorded. A real server can be started on its
	// directory when it is closed.
	DB *tsdb.DB

	groups []*group
	fired  []Spell
	firing map[uint64]int // index into fired, by the hash of the labels
}

// group is a rule group with the time of its last evaluation.
type group struct {
	*rules.Group
	last time.Time
}

// DataDir is where below its directory a server keeps its database.
func DataDir(dir string) string { return filepath.Join(dir, "data") }

// Open opens a database below the directory and loads rule files, path to
// content.
func Open(ctx context.Context, dir string, files map[string][]byte, o *tsdb.Options) (*Server, error) {
	db, err := tsdb.Open(DataDir(dir), slog.New(slog.DiscardHandler), nil, o, nil)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s := &Server{DB: db, firing: map[uint64]int{}}
	if err := s.load(ctx, filepath.Join(dir, "rules"), files); err != nil {
		return nil, errors.Join(fmt.Errorf("load the rules: %w", err), db.Close())
	}
	return s, nil
}

// load has the rule engine read the files, which it does from a directory only.
func (s *Server) load(ctx context.Context, dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var paths []string
	for path, content := range files {
		file := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
		paths = append(paths, file)
	}
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 100e6, Timeout: time.Hour, LookbackDelta: 5 * time.Minute,
		EnableAtModifier: true, EnableNegativeOffset: true,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() }, // Prometheus's default
		Parser:                   parser.NewParser(parser.Options{}),
	})
	manager := rules.NewManager(&rules.ManagerOptions{
		NameValidationScheme: model.UTF8Validation, ExternalURL: &url.URL{}, Context: ctx,
		QueryFunc: rules.EngineQueryFunc(engine, s.DB), NotifyFunc: s.note,
		AppendableV2: s.DB, Queryable: s.DB, Logger: slog.New(slog.DiscardHandler),
	})
	loaded, wrong := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, paths...)
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	for _, g := range loaded {
		for _, alert := range g.AlertingRules() {
			alert.SetRestored(true) // there is nothing to restore, and only then ALERTS is written
		}
		s.groups = append(s.groups, &group{Group: g})
	}
	slices.SortFunc(s.groups, func(a, b *group) int {
		if d := a.Interval() - b.Interval(); d != 0 {
			return int(d)
		}
		return strings.Compare(a.Name(), b.Name())
	})
	return nil
}

// Evaluate evaluates the groups that are due: those whose interval has begun
// anew since they were last evaluated. It evaluates no group more often than
// once in least. The first rule that fails is an error. With names it evaluates
// the groups of these names only.
func (s *Server) Evaluate(ctx context.Context, at time.Time, least time.Duration, names ...string) error {
	for _, g := range s.groups {
		if len(names) > 0 && !slices.Contains(names, g.Name()) || !g.due(at, max(g.Interval(), least)) {
			continue
		}
		g.Eval(ctx, at)
		for _, r := range g.Rules() {
			if r.Health() == rules.HealthBad {
				return fmt.Errorf("evaluate %s at %s: %w", r.Name(), at.Format(time.RFC3339), r.LastError())
			}
		}
	}
	return ctx.Err()
}

// due reports whether an interval has begun since the last evaluation, and notes
// that the group is evaluated then. The first evaluation is at the beginning of
// an interval.
func (g *group) due(at time.Time, every time.Duration) bool {
	tick := at.Truncate(every)
	due := tick.After(g.last) && (!g.last.IsZero() || tick.Equal(at))
	if due || g.last.IsZero() {
		g.last = at
	}
	return due
}
