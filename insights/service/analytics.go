package service

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"belfry/insights/analytics"
	"belfry/insights/query"
	"belfry/insights/table"
)

const (
	// computeTimeout bounds the computation of analytics for one request.
	computeTimeout = 45 * time.Second
	// computeAtOnce bounds how many are computed at the same time.
	computeAtOnce = 2
	// keptAnswers bounds how many answers are kept, and keptFor how long: a scrape more
	// would change little.
	keptAnswers, keptFor = 64, 30 * time.Second
)

// Analytics is the answer of the operation analytics.
type Analytics struct{ analytics.Analytics }

func (a Analytics) table() table.Table { return table.Of(a.Rows()) }

// analyticsInput holds the parameters of the operation analytics.
type analyticsInput struct {
	From string `query:"from" example:"2026-11-01" doc:"Begin: a time by RFC 3339, a day, or how long ago, such as 7d. Default: 7 days before the end"`
	To   string `query:"to" example:"2026-12-01" doc:"End. Default: now"`
	Last string `query:"last" example:"7d" doc:"Length of the period, instead of from"`

	Granularity string `query:"granularity" enum:"minute,hour,day,week,month" default:"day" doc:"Length of the parts of the series. The period is widened to whole parts"`
	Channel     string `query:"channel" example:"email,push" doc:"Channels, separated by commas. Default: all"`
	Category    string `query:"category" doc:"Categories, separated by commas. Default: all"`
	Format      string `query:"format" enum:"json,csv,parquet" doc:"Format of the answer, instead of the header Accept"`
}

// request returns the request of the parameters at a time. The calendar is that of the
// service: the same hours of several calendars would tell more than one may.
func (in *analyticsInput) request(s *Service, now time.Time) (analytics.Request, error) {
	p := analytics.Params{
		From: in.From, To: in.To, Last: in.Last, Granularity: in.Granularity, Timezone: s.o.Zone.String(),
		Channels: listed(in.Channel), Categories: listed(in.Category),
	}
	r, err := p.Request(now)
	r.Floor, r.Experiment = s.o.Floor, s.experimentOf
	return r, err
}

// key identifies the parameters that the answer depends on: its format is none of them.
func (in analyticsInput) key() string {
	in.Format = ""
	return fmt.Sprintf("%q", in)
}

// listed splits a list at its commas.
func listed(text string) (list []string) {
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one != "" {
			list = append(list, one)
		}
	}
	return list
}

func (s *Service) registerAnalytics(a *api) {
	d := describe{
		name: "analytics", summary: "Figures of a period, each beside the period before", isTable: true,
		about: "Totals, rates, channels, categories, templates, engagement patterns and the platform's performance. " +
			"Counts are exact. Groups of few users are withheld.",
	}
	register(a, d, func(ctx context.Context, in *analyticsInput) (int, Analytics, *Problem) {
		r, err := in.request(s, s.o.Now())
		if err != nil {
			return 0, Analytics{}, newProblem(http.StatusBadRequest, err.Error())
		}
		answer, err := s.computer.compute(ctx, in.key(), r)
		if err != nil {
			return 0, Analytics{}, newProblem(http.StatusBadRequest, err.Error())
		}
		if !answered(answer.Status) {
			return 0, Analytics{}, unanswered(answer.Status)
		}
		return http.StatusOK, Analytics{*answer}, nil
	})
}

// answered reports whether the server has answered, if only that there is nothing.
func answered(s query.Status) bool {
	return s.Usable() || s.State == query.NoData || s.State == query.Withheld
}

// computer computes analytics: few at once, the same ones once, and keeps the answers
// for a while.
type computer struct {
	source *query.Source
	now    func() time.Time
	flight singleflight.Group
	places chan struct{}

	mu   sync.Mutex
	kept map[string]computed
}

type computed struct {
	answer *analytics.Analytics
	until  time.Time
}

func newComputer(source *query.Source, now func() time.Time) *computer {
	return &computer{
		source: source, now: now, places: make(chan struct{}, computeAtOnce), kept: map[string]computed{},
	}
}

// compute answers the request that the key identifies. It goes on when the client is
// gone, for others and for the next attempt.
func (c *computer) compute(ctx context.Context, key string, r analytics.Request) (*analytics.Analytics, error) {
	if answer := c.find(key); answer != nil {
		return answer, nil
	}
	answer, err, _ := c.flight.Do(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), computeTimeout)
		defer cancel()
		select {
		case c.places <- struct{}{}:
			defer func() { <-c.places }()
		case <-ctx.Done():
			busy := query.Status{State: query.Slow, Reason: "too many other requests: try again"}
			return &analytics.Analytics{Status: busy}, nil
		}
		answer, err := analytics.Compute(ctx, c.source, r)
		if err == nil && answered(answer.Status) {
			c.keep(key, answer)
		}
		return answer, err
	})
	if err != nil {
		return nil, err
	}
	return answer.(*analytics.Analytics), nil
}

func (c *computer) find(key string) *analytics.Analytics {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.kept[key]; ok && c.now().Before(k.until) {
		return k.answer
	}
	return nil
}

// keep keeps an answer. If there are too many it forgets those that are too old, and
// then any.
func (c *computer) keep(key string, answer *analytics.Analytics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for other, k := range c.kept {
		if !c.now().Before(k.until) {
			delete(c.kept, other)
		}
	}
	for other := range c.kept {
		if len(c.kept) < keptAnswers {
			break
		}
		delete(c.kept, other)
	}
	c.kept[key] = computed{answer, c.now().Add(keptFor)}
}
