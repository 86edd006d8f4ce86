// Package simtime runs Prometheus in simulated time, and describes the
// notification platform that it monitors there.
//
// A [Server] uses Prometheus's database and rule engine as libraries. Its caller
// decides when to scrape and when to evaluate, so that weeks pass in minutes:
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
// without delay: each group is evaluated at its own interval and its rules in
// their order. If several groups are due at once, those with shorter intervals
// come first. A real server gives each group a random offset within its interval;
// here it is 0.
//
// [stack.ServeBlocks] starts a real Prometheus on what was written. [Channels] and [Busy]
// describe the platform: how many notifications there are, when, and who carries
// them.
package simtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"

	"belfry/deploy/stack"
)

// Server runs in simulated time. It is not safe for concurrent use.
type Server struct {
	// DB holds what was scraped and recorded. Close it before [stack.ServeBlocks].
	DB *tsdb.DB

	engine *promql.Engine
	groups []*group

	notified sync.Mutex // protects what follows
	fired    []Firing
	firing   map[uint64]int // index into fired, by the hash of the labels
}

// group adds the time of the last evaluation to a rule group.
type group struct {
	*rules.Group
	last time.Time
}

// Option changes how a server evaluates rules.
type Option func(*rules.ManagerOptions)

// Concurrently evaluates at the same time, on all processors, the rules of a group that
// do not depend on each other.
func Concurrently(o *rules.ManagerOptions) {
	o.ConcurrentEvalsEnabled, o.MaxConcurrentEvals = true, int64(runtime.GOMAXPROCS(0))
}

// Open opens a server in a directory and loads rule files. The map has their
// content by path.
func Open(ctx context.Context, dir string, files map[string][]byte, o *tsdb.Options, how ...Option) (*Server, error) {
	db, err := tsdb.Open(stack.BlocksDir(dir), slog.New(slog.DiscardHandler), nil, o, nil)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s := &Server{DB: db, firing: map[uint64]int{}}
	if err := s.load(ctx, filepath.Join(dir, "rules"), files, how); err != nil {
		return nil, errors.Join(fmt.Errorf("load the rules: %w", err), db.Close())
	}
	return s, nil
}

// OneBlock configures a database with one block and without a write-ahead log, since
// an interrupted past is of no use. What it holds is lost unless it is written with
// [tsdb.DB.Snapshot].
func OneBlock() *tsdb.Options {
	o := tsdb.DefaultOptions()
	o.MinBlockDuration = (1000 * 24 * time.Hour).Milliseconds()
	o.MaxBlockDuration = o.MinBlockDuration
	o.RetentionDuration = 10 * o.MinBlockDuration
	o.WALSegmentSize = -1
	o.IsolationDisabled = true
	return o
}

// load writes the files to a directory, since the rule engine reads no others.
func (s *Server) load(ctx context.Context, dir string, files map[string][]byte, how []Option) error {
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
	s.engine = promql.NewEngine(promql.EngineOpts{
		MaxSamples: 100e6, Timeout: time.Hour, LookbackDelta: 5 * time.Minute,
		EnableAtModifier: true, EnableNegativeOffset: true,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() }, // Prometheus's default
		Parser:                   parser.NewParser(parser.Options{}),
	})
	options := &rules.ManagerOptions{
		NameValidationScheme: model.UTF8Validation, ExternalURL: &url.URL{}, Context: ctx,
		QueryFunc: rules.EngineQueryFunc(s.engine, s.DB), NotifyFunc: s.notify,
		AppendableV2: s.DB, Queryable: s.DB, Logger: slog.New(slog.DiscardHandler),
	}
	for _, set := range how {
		set(options)
	}
	loaded, wrong := rules.NewManager(options).LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, paths...)
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	for _, g := range loaded {
		for _, alert := range g.AlertingRules() {
			alert.SetRestored(true) // otherwise it does not write ALERTS
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

// Evaluate evaluates the groups that are due: those for which an interval has
// begun since their last evaluation. Intervals shorter than least count as least.
// With names, Evaluate considers only the groups of these names. It returns the
// error of the first rule that fails.
func (s *Server) Evaluate(ctx context.Context, at time.Time, least time.Duration, names ...string) error {
	for _, name := range names {
		if _, err := s.group(name); err != nil {
			return err
		}
	}
	for _, g := range s.groups {
		if len(names) > 0 && !slices.Contains(names, g.Name()) || !g.due(at, max(g.Interval(), least)) {
			continue
		}
		if err := g.evaluate(ctx, at); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// EvaluateNow evaluates the group of a name, due or not. When it is due next stays as it
// is. It returns the error of the first rule that fails.
func (s *Server) EvaluateNow(ctx context.Context, at time.Time, name string) error {
	g, err := s.group(name)
	if err != nil {
		return err
	}
	return g.evaluate(ctx, at)
}

func (s *Server) group(name string) (*group, error) {
	i := slices.IndexFunc(s.groups, func(g *group) bool { return g.Name() == name })
	if i < 0 {
		return nil, fmt.Errorf("evaluate group %q: the rule files do not have it", name)
	}
	return s.groups[i], nil
}

// evaluate returns the error of the first rule that fails.
func (g *group) evaluate(ctx context.Context, at time.Time) error {
	g.Eval(ctx, at)
	for _, r := range g.Rules() {
		if r.Health() == rules.HealthBad {
			return fmt.Errorf("evaluate %s at %s: %w", r.Name(), at.Format(time.RFC3339), r.LastError())
		}
	}
	return ctx.Err()
}

// due reports whether an interval has begun since the last evaluation, and if so
// records the time as that of the last evaluation. The first evaluation is at the
// beginning of an interval.
func (g *group) due(at time.Time, every time.Duration) bool {
	tick := at.Truncate(every)
	due := tick.After(g.last) && (!g.last.IsZero() || tick.Equal(at))
	if due || g.last.IsZero() {
		g.last = at
	}
	return due
}
