package query

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// lookback is how far Age looks for the newest sample.
const lookback = 24 * time.Hour

// Age describes how old the newest recorded increase is.
type Age struct {
	Answer
	// Newest is when it was recorded, zero if there was none within a day.
	Newest time.Time
	// Age is how long ago that was.
	Age time.Duration
	// Status is OK, Stale or NoData.
	Status Status
}

// Age finds the newest sample of what [Source.Increase] reads.
func (s *Source) Age(ctx context.Context) (Age, error) {
	now := s.Now()
	series := rules.StageVolume.Increase5m.Where(expr.Stage(catalog.StageSent))
	found, err := s.instant(ctx, expr.Max(expr.Timestamp(series)).By().String(), now)
	a := Age{Answer: found.Answer}
	if err == nil && len(found.Values) == 0 {
		promQL := fmt.Sprintf("max(max_over_time(%s[1d:1m]))", expr.Timestamp(series))
		found, err = s.instant(ctx, promQL, now)
		a.Join(found.Answer)
	}
	if err != nil {
		a.Status = StatusOf(err)
		return a, err
	}
	if len(found.Values) == 0 {
		a.Status = Status{NoData, fmt.Sprintf("there is no sample of %s within %s: "+
			"check that Prometheus scrapes the exporter and loads the shipped rules", rules.StageVolume.Increase5m.Name,
			lookback)}
		return a, nil
	}
	a.Newest = time.UnixMilli(int64(found.Values[0].Value * 1000)).UTC()
	a.Age = max(0, now.Sub(a.Newest))
	a.Status = Status{State: OK}
	if a.Age > s.options.StaleAfter {
		a.Status = Status{Stale, fmt.Sprintf("the newest data is %s old, since %s: "+
			"check that the exporter is scraped and that rules are evaluated", a.Age.Round(time.Second),
			a.Newest.Format(time.RFC3339))}
	}
	return a, nil
}

// Coverage says for which part of a period there is data.
type Coverage struct {
	Answer
	// From and To bound the data, to a day, or to an hour where the period is
	// shorter than a week; zero if there is none.
	From, To time.Time
	// Missing is the share of the period without any data, 0 to 1.
	Missing float64
	// Status is OK, Partial or NoData.
	Status Status
}

// Coverage looks for recorded increases in a period, day by day, or hour by hour if
// the period is shorter than a week.
func (s *Source) Coverage(ctx context.Context, from, to time.Time) (Coverage, error) {
	step := day
	if to.Sub(from) < 7*day {
		step = time.Hour
	}
	step = max(tile, min(step, to.Sub(from)))
	steps := int((to.Sub(from) + step - 1) / step)
	present := expr.Count(expr.CountOverTime(rules.StageVolume.Increase5m, justUnder(step),
		expr.Stage(catalog.StageSent))).By()
	m, err := s.Range(ctx, present, from.Add(step), from.Add(time.Duration(steps)*step), step)
	c := Coverage{Answer: m.Answer}
	if err != nil {
		c.Status = StatusOf(err)
		return c, err
	}
	if len(m.Series) == 0 {
		c.Missing = 1
		c.Status = Status{NoData, fmt.Sprintf("nothing was recorded from %s to %s", stamp(from), stamp(to))}
		return c, nil
	}
	points := m.Series[0].Points
	c.From, c.To = points[0].At.Add(-step), points[len(points)-1].At
	c.Missing = 1 - float64(len(points))/float64(steps)
	c.Status = Status{State: OK}
	if c.Missing > 0 {
		c.Status = Status{Partial, fmt.Sprintf("there is data in %d of %d steps of %s, from %s until %s",
			len(points), steps, model.Duration(step), stamp(c.From), stamp(c.To))}
	}
	return c, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
