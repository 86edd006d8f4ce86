package analytics

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// computation is an answer that is being computed.
type computation struct {
	*query.Source
	request   Request
	now       time.Time
	span, old Span
	// The channels that are withheld, in the period and in the one before.
	hidden, hiddenBefore map[string]bool
	alone                bool // nothing was recorded in the period before

	sync.Mutex // of the answer
	answer     *Analytics
}

// Compute computes the analytics of a period. An invalid request is an error; if the
// server does not answer as it should, the answer's status says so.
func Compute(ctx context.Context, s *query.Source, r Request) (*Analytics, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	c := &computation{Source: s.Remembering(seal), request: r, now: s.Now().In(r.To.Location())}
	span, err := r.span(c.now)
	if err != nil {
		return nil, err
	}
	c.span = span
	c.answer = &Analytics{
		Granularity: r.Granularity, Timezone: r.To.Location().String(), Channels: r.Channels, Categories: r.Categories,
		PrivacyFloor: int(r.floor()), GeneratedAt: c.now.UTC(), Status: query.Status{State: query.OK},
		Sections: map[string]query.Status{}, Withheld: map[string]Withheld{}, Series: []Bucket{},
		ChannelMetrics: []Channel{}, CategoryMetrics: []Category{}, TemplateMetrics: []Template{},
		EngagementPatterns: emptyPatterns(),
	}
	if status := c.core(ctx); status.State == query.OK {
		c.sections(ctx)
	} else {
		c.answer.Status = status
	}
	c.finish()
	return c.answer, nil
}

// core computes the totals and the channels, on which all else depends.
func (c *computation) core(ctx context.Context) query.Status {
	age, err := c.Age(ctx)
	c.asked(age.Answer)
	switch {
	case err != nil:
		return age.Status
	case age.Status.State == query.NoData: // of now; there may be of the period
		age.Status.State = query.Stale
	default:
		seconds := age.Age.Seconds()
		c.answer.DataAgeSeconds = &seconds
	}
	c.answer.Sections["data"] = age.Status
	if err := c.totals(ctx); err != nil {
		return statusOf(err)
	}
	covered, err := c.Coverage(ctx, c.span.From, c.span.To)
	c.asked(covered.Answer)
	if err != nil || covered.Status.State == query.NoData {
		return covered.Status
	}
	c.answer.Sections["time_range"] = covered.Status
	return c.compared(ctx)
}

// leastCompared is the share of the period before that must be recorded to compare with
// it: less would take the beginning of the data for growth.
const leastCompared = 0.9

// compared says so where the period before is not recorded as a whole.
func (c *computation) compared(ctx context.Context) query.Status {
	covered, err := c.Coverage(ctx, c.old.From, c.old.To)
	c.asked(covered.Answer)
	switch {
	case err != nil:
		return covered.Status
	case covered.Status.State == query.NoData:
		c.alone = true
		c.note("there is nothing to compare with: in the period before, %s", covered.Status.Reason)
	case 1-covered.Missing < leastCompared:
		c.alone = true
		c.note("there is too little to compare with: in the period before, %s", covered.Status.Reason)
	case covered.Status.State == query.Partial:
		c.note("changes compare with a part of the period before: %s", covered.Status.Reason)
	}
	return query.Status{State: query.OK}
}

// sections computes what can fail by itself.
func (c *computation) sections(ctx context.Context) {
	group, ctx := errgroup.WithContext(ctx)
	for name, compute := range map[string]func(context.Context) error{
		"channel_metrics": c.channels, "category_metrics": c.categories, "template_metrics": c.templates,
		sectionProviders: c.providers, "country_metrics": c.countries, "app_version_metrics": c.appVersions,
		"engagement_patterns": c.patterns, "system_performance": c.system,
	} {
		if !c.request.wants(name) {
			continue
		}
		group.Go(func() error {
			if err := compute(ctx); err != nil {
				c.report(name, statusOf(err))
			}
			return nil
		})
	}
	group.Wait() // they report their errors
}

// statusOf returns the status of an error.
func statusOf(err error) query.Status {
	var withheld errWithheld
	switch {
	case errors.As(err, &withheld):
		return query.Status{State: query.Withheld, Reason: err.Error()}
	case errors.Is(err, errByChannel), errors.Is(err, errByCategory), errors.Is(err, errNoSamples):
		return query.Status{State: query.NoData, Reason: err.Error()}
	}
	return query.StatusOf(err)
}

// report notes the status of a section.
func (c *computation) report(section string, s query.Status) {
	c.Lock()
	defer c.Unlock()
	c.answer.Sections[section] = query.Worst(c.answer.Sections[section], s)
}

func (c *computation) note(format string, args ...any) {
	c.Lock()
	defer c.Unlock()
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.answer.Notes, text) {
		c.answer.Notes = append(c.answer.Notes, text)
	}
}

// asked notes the queries of an answer, and whether it was partial.
func (c *computation) asked(a query.Answer) {
	c.Lock()
	defer c.Unlock()
	all := query.Answer{Queries: c.answer.Queries}
	all.Join(a)
	c.answer.Queries = all.Queries
	if s := a.Status(); s.State != query.OK {
		c.answer.Sections["data"] = query.Worst(c.answer.Sections["data"], s)
	}
}

// finish completes the answer.
func (c *computation) finish() {
	a := c.answer
	if c.alone {
		withoutPrevious(reflect.ValueOf(a).Elem())
	}
	for _, one := range []*Span{&c.span, &c.old} {
		one.From, one.To = one.From.UTC(), one.To.UTC()
	}
	a.TimeRange, a.Previous = c.span, c.old
	slices.Sort(a.Queries)
	slices.Sort(a.Notes)
	for name, s := range a.Sections {
		if s.State == query.OK {
			delete(a.Sections, name)
			continue
		}
		switch {
		case name == "data" || name == "time_range":
			a.Status = query.Worst(a.Status, s)
		case s.State != query.NoData: // which is what the request asked for
			reason := fmt.Sprintf("%s: %s", name, s.Reason)
			a.Status = query.Worst(a.Status, query.Status{State: query.Partial, Reason: reason})
		}
	}
}

// where returns the matchers of the request's channels.
func (c *computation) where() []expr.Matcher {
	return oneOf(catalog.LabelChannel, c.request.Channels)
}

// oneOf matches the values, all if there are none.
func oneOf(l *catalog.Label, values []string) []expr.Matcher {
	if len(values) == 0 {
		return nil
	}
	return []expr.Matcher{expr.Re(l, quoted(values))}
}

// quoted returns a regular expression that matches the values.
func quoted(values []string) string {
	var escaped []string
	for _, v := range values {
		escaped = append(escaped, regexp.QuoteMeta(v))
	}
	return strings.Join(escaped, "|")
}

// seal tells whether months are still what they were: what is sent is asked for anyway.
var seal = query.Seal{
	Volume: rules.StageVolume, By: breakdown{rows: perChannel}.by(), Where: []expr.Matcher{readable},
}

// both asks for the growth of a volume in the period and in the one before.
func (c *computation) both(
	ctx context.Context, v rules.Volume, by []*catalog.Label, where ...expr.Matcher,
) (now, before query.Vector, err error) {
	return c.inBoth(ctx, func(ctx context.Context, in Span) (query.Vector, error) {
		t, err := c.Buckets(ctx, v, in.months(), by, where...)
		return addUp(t), err
	})
}

// inBoth asks about the period and about the one before, side by side.
func (c *computation) inBoth(
	ctx context.Context, ask func(context.Context, Span) (query.Vector, error),
) (now, before query.Vector, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		now, err = ask(ctx, c.span)
		return err
	})
	group.Go(func() (err error) {
		before, err = ask(ctx, c.old)
		return err
	})
	err = group.Wait()
	c.asked(now.Answer)
	c.asked(before.Answer)
	return now, before, err
}
