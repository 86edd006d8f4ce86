package recorder

import (
	"context"
	"fmt"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"belfry/alertmanager/history"
	"belfry/exporter/catalog"
	"belfry/rules/promapi"
)

// condition identifies the raw condition that alerts of one rule share.
type condition struct{ rule, severity, channel string }

// conditionOf reads it from the labels of an alert or of a series.
func conditionOf[K, V ~string](labels map[K]V) condition {
	value := func(l *catalog.Label) string { return string(labels[K(l.Name)]) }
	return condition{value(catalog.LabelRule), value(catalog.LabelSeverity), value(catalog.LabelChannel)}
}

// conditions tracks when each rule's raw condition last held. It is not safe for
// concurrent use.
type conditions struct {
	upstream
	api      v1.API
	lastHeld map[condition]time.Time
	holds    map[condition]bool // now
	upTo     time.Time          // when Prometheus last answered
	isFresh  bool               // whether it answered the last query
}

const (
	// overlap bounds how far a query reaches back before the last answer, and how far
	// before an alert the last sample of its condition may lie: the rules of both are
	// evaluated within a minute of each other.
	overlap = time.Minute
	// maxReach limits how far a query reaches back. An alert that ended earlier,
	// while nothing was recorded, has its own end.
	maxReach = 24 * time.Hour
)

// refresh queries what was recorded since the last answer. The first query reaches
// back to the beginning of the oldest alert that fires.
func (c *conditions) refresh(ctx context.Context, now time.Time, firing []*history.Alert) {
	from := c.upTo
	if from.IsZero() {
		from = now
		for _, a := range firing {
			if a.Began.Before(from) {
				from = a.Began
			}
		}
	}
	back := min(now.Sub(from)+overlap, maxReach)
	c.isFresh = c.request(ctx, now, func(ctx context.Context) error { return c.query(ctx, back) }) == nil
	if c.isFresh {
		c.upTo = now
	}
	for of, last := range c.lastHeld {
		if now.Sub(last) > maxReach {
			delete(c.lastHeld, of)
		}
	}
}

// query reads the time of the last sample of each condition, and which conditions
// hold now. An instant query for a range returns the samples as recorded; one for
// a vector leaves out the series that have ended.
func (c *conditions) query(ctx context.Context, back time.Duration) error {
	window := fmt.Sprintf("%s[%dms]", catalog.AlertCondition.Name, back.Milliseconds())
	recorded, err := promapi.Query[model.Matrix](ctx, c.api, window, time.Time{})
	if err != nil {
		return err
	}
	for _, s := range recorded {
		of, n := conditionOf(s.Metric), len(s.Values)
		if n > 0 && s.Values[n-1].Timestamp.Time().After(c.lastHeld[of]) {
			c.lastHeld[of] = s.Values[n-1].Timestamp.Time()
		}
	}
	now, err := promapi.Query[model.Vector](ctx, c.api, catalog.AlertCondition.Name, time.Time{})
	if err != nil {
		return err
	}
	c.holds = map[condition]bool{}
	for _, s := range now {
		c.holds[conditionOf(s.Metric)] = true
	}
	return nil
}

// end returns when the condition of an alert that ended at a time ceased to hold.
// Alerts of one rule, severity and channel share a condition: while it holds for
// another one, only the alert's own end is known.
func (c *conditions) end(a *history.Alert, at time.Time) (time.Time, history.EndedBy) {
	if !c.isFresh {
		return at, history.ByAlertUnasked
	}
	last, known := c.lastHeld[conditionOf(a.Labels)]
	if !known || c.holds[conditionOf(a.Labels)] || last.Before(a.Began.Add(-overlap)) || !last.Before(at) {
		return at, history.ByAlert
	}
	return last, history.ByCondition
}
