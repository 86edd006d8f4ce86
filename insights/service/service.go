package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry/insights/analytics"
	"belfry/insights/anomaly"
	"belfry/insights/forecast"
	"belfry/insights/query"
	"belfry/insights/recommend"
	"belfry/rules/promapi"
)

// The defaults and bounds of Options.
const (
	DefaultRefresh = time.Minute
	// MinRefresh is a scrape of the shipped configuration, and MaxRefresh leaves time to
	// try again before an answer is withdrawn.
	MinRefresh, MaxRefresh = 10 * time.Second, 5 * time.Minute
	// DefaultFloor and MinFloor say how few users a breakdown may show.
	DefaultFloor, MinFloor = 50, 5
)

// maxAnswerBytes bounds an answer of Prometheus: half a million samples.
const maxAnswerBytes = 32 << 20

// Options configures a Service. Prometheus is required.
type Options struct {
	// Prometheus is the URL of a server with Prometheus's API, such as
	// http://127.0.0.1:9090, with its path prefix if it has one.
	Prometheus string
	// Client sends the requests; nil means http.DefaultClient.
	Client *http.Client
	// Experiments is the file of the plans; without one no experiment is judged.
	Experiments string
	// Refresh separates two attempts to answer a question; 0 means DefaultRefresh.
	Refresh time.Duration
	// Floor is the least number of users that a breakdown shows; 0 means DefaultFloor.
	Floor int
	// Zone is the time zone of days, weeks and months; nil means UTC.
	Zone *time.Location
	// Lifecycle lets requests read the plans again.
	Lifecycle bool
	// Reports says how the reports of schedules are doing; nil if there are none.
	Reports func() []Scheduled
	// Log receives what goes wrong, and when it is right again; nil discards.
	Log *slog.Logger

	// Now is the clock; nil means time.Now.
	Now func() time.Time

	queryTimeout time.Duration // that of package query if 0; tests set it
}

// Service answers questions. Its handler may be served before it runs.
type Service struct {
	o         Options
	source    *query.Source
	age       age
	computer  *computer
	questions []asker
	handler   http.Handler

	plans      plans
	replanned  chan struct{} // the plans have changed
	detectors  anomaly.Watcher
	forecaster forecast.Watcher

	experiments     *question[Experiments]
	anomalies       *question[anomaly.Report]
	forecasts       *question[forecast.Report]
	summary         *question[*analytics.Analytics]
	recommendations *question[recommend.Report]
}

// New returns a Service. It sends no request.
func New(o Options) (*Service, error) {
	o.Refresh, o.Floor = cmp.Or(o.Refresh, DefaultRefresh), cmp.Or(o.Floor, DefaultFloor)
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Refresh < MinRefresh || o.Refresh > MaxRefresh {
		return nil, fmt.Errorf("invalid refresh interval %s: use %s to %s", o.Refresh, MinRefresh, MaxRefresh)
	}
	if o.Floor < MinFloor {
		return nil, fmt.Errorf("invalid privacy floor %d: use at least %d users", o.Floor, MinFloor)
	}
	client, err := promapi.New(o.Prometheus, promapi.Options{Client: o.Client, MaxBytes: maxAnswerBytes})
	if err != nil {
		return nil, err
	}
	s := &Service{o: o, replanned: make(chan struct{}, 1)}
	if err := s.plans.load(o.Experiments, o.Now()); err != nil {
		return nil, err
	}
	s.source = query.New(client, query.Options{Timeout: o.queryTimeout, Now: o.Now})
	s.computer = newComputer(s.source, o.Now)
	s.experiments = newQuestion(s, "experiments", s.experiment)
	s.anomalies = newQuestion(s, "anomalies", s.watchAnomalies)
	s.forecasts = newQuestion(s, "forecasts", s.watchForecasts)
	s.summary = newQuestion(s, "overview", s.overview)
	s.recommendations = newQuestion(s, "recommendations", s.recommend)
	s.handler = s.routes()
	return s, nil
}

// Handler serves the API, the metrics, and the pages of a daemon.
func (s *Service) Handler() http.Handler { return s.handler }

// Run asks all questions, at once and then at each interval, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.every(ctx, nil, s.refreshAge) })
	var asked sync.WaitGroup
	asked.Add(len(s.questions))
	group.Go(func() error { return s.keepYear(ctx, &asked) })
	for _, q := range s.questions {
		var once sync.Once
		var sooner <-chan struct{}
		if q == asker(s.experiments) {
			sooner = s.replanned
		}
		group.Go(func() error {
			return s.every(ctx, sooner, func(ctx context.Context) {
				s.refresh(ctx, q)
				once.Do(asked.Done)
			})
		})
	}
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Refresh asks all questions once. Use it instead of Run where the caller has the clock.
func (s *Service) Refresh(ctx context.Context) {
	s.refreshAge(ctx)
	for _, q := range s.questions {
		s.refresh(ctx, q)
	}
}

// every calls do at once, at each interval, and whenever sooner says so.
func (s *Service) every(ctx context.Context, sooner <-chan struct{}, do func(context.Context)) error {
	tick := time.NewTicker(s.o.Refresh)
	defer tick.Stop()
	for {
		do(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		case <-sooner:
		}
	}
}

// refresh asks a question, and logs when it is no longer answered, when that has another
// reason, and when it is answered again.
func (s *Service) refresh(ctx context.Context, q asker) {
	before := q.current()
	q.refresh(ctx)
	after := q.current()
	if ctx.Err() != nil {
		return
	}
	switch first := before.asked == 0; {
	case !fresh(after.status) && (first || before.status.State != after.status.State):
		s.o.Log.Warn("question not answered, trying again", "question", after.name, "state", after.status.State,
			"reason", after.status.Reason)
	case !first && !fresh(before.status) && fresh(after.status):
		s.o.Log.Info("question answered", "question", after.name)
	}
}
