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

// condition is the raw condition of alerts of one rule.
type condition struct{ rule, severity, channel string }

// conditionOf reads it from the labels of an alert or of a series.
func conditionOf[K, V ~string](labels map[K]V) condition {
	value := func(l *catalog.Label) string { return string(labels[K(l.Name)]) }
	return condition{value(catalog.LabelRule), value(catalog.LabelSeverity), value(catalog.LabelChannel)}
}

// conditions knows when each rule's raw condition last held. Rounds and webhooks
// use it in turn.
type conditions struct {
	upstream
	api   v1.API
	held  map[condition]time.Time
	holds map[condition]bool // now
	upTo  time.Time          // when Prometheus last answered
	fresh bool               // it did so in this round
}

const (
	// overlap is how far a question reaches back behind the last answer, and how
	// far a condition's last sample may lie before an alert of it: the rules of
	// both are evaluated within a minute of each other.
	overlap = time.Minute
	// reach is how far a question reaches back at most: beyond that an alert
	// that ended while nobody looked has its own end.
	reach = 24 * time.Hour
)

// refresh asks for what was recorded since the last answer, and after a start
// since the first of the alerts that are open began.
func (c *conditions) refresh(ctx context.Context, now time.Time, open []*history.Alert) {
	from := c.upTo
	if from.IsZero() {
		from = now
		for _, a := range open {
			if a.Began.Before(from) {
				from = a.Began
			}
		}
	}
	back := min(now.Sub(from)+overlap, reach)
	c.fresh = c.ask(ctx, now, func(ctx context.Context) error { return c.read(ctx, back) }) == nil
	if c.fresh {
		c.upTo = now
	}
	for of, last := range c.held {
		if now.Sub(last) > reach {
			delete(c.held, of)
		}
	}
}

// read takes the time of the last sample of each condition, and which conditions
// hold now. An instant query for a range answers with samples as they were
// recorded, one for a vector leaves out what has ended.
func (c *conditions) read(ctx context.Context, back time.Duration) error {
	window := fmt.Sprintf("%s[%dms]", catalog.AlertCondition.Name, back.Milliseconds())
	recorded, err := promapi.Query[model.Matrix](ctx, c.api, window, time.Time{})
	if err != nil {
		return err
	}
	for _, s := range recorded {
		of, n := conditionOf(s.Metric), len(s.Values)
		if n > 0 && s.Values[n-1].Timestamp.Time().After(c.held[of]) {
			c.held[of] = s.Values[n-1].Timestamp.Time()
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

// end is when the condition of an alert that ended at a time was over. Alerts of
// one rule, severity and channel share a condition: while another one keeps it
// up, the alert's own end is all there is.
func (c *conditions) end(a *history.Alert, at time.Time) (time.Time, history.EndedBy) {
	if !c.fresh {
		return at, history.ByAlertUnasked
	}
	last, known := c.held[conditionOf(a.Labels)]
	if !known || c.holds[conditionOf(a.Labels)] || last.Before(a.Began.Add(-overlap)) || !last.Before(at) {
		return at, history.ByAlert
	}
	return last, history.ByCondition
}
