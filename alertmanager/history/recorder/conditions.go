package recorder

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"belfry/alertmanager/history"
	"belfry/exporter/catalog"
)

// condition is the raw condition of alerts of one rule.
type condition struct{ rule, severity, channel string }

func conditionOf(labels map[string]string) condition {
	return condition{
		labels[catalog.LabelRule.Name], labels[catalog.LabelSeverity.Name], labels[catalog.LabelChannel.Name],
	}
}

// conditions knows when each rule's raw condition last held. Rounds and webhooks
// use it in turn.
type conditions struct {
	upstream
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
	recorded, err := c.query(ctx, fmt.Sprintf("%s[%dms]", catalog.AlertCondition.Name, back.Milliseconds()))
	if err != nil {
		return err
	}
	for _, s := range recorded {
		if last := s.last(); last.After(c.held[conditionOf(s.Metric)]) {
			c.held[conditionOf(s.Metric)] = last
		}
	}
	now, err := c.query(ctx, catalog.AlertCondition.Name)
	if err != nil {
		return err
	}
	c.holds = map[condition]bool{}
	for _, s := range now {
		c.holds[conditionOf(s.Metric)] = true
	}
	return nil
}

// series is one of an answer. Values are pairs of seconds and a figure.
type series struct {
	Metric map[string]string `json:"metric"`
	Values [][2]any          `json:"values"`
}

// last is the time of the newest sample, zero without any.
func (s *series) last() time.Time {
	if len(s.Values) == 0 {
		return time.Time{}
	}
	seconds, _ := s.Values[len(s.Values)-1][0].(float64)
	return time.UnixMilli(int64(seconds * 1000))
}

func (c *conditions) query(ctx context.Context, promQL string) ([]series, error) {
	var answer struct {
		Data struct {
			Result []series `json:"result"`
		} `json:"data"`
	}
	err := c.get(ctx, "/api/v1/query?query="+url.QueryEscape(promQL), &answer)
	return answer.Data.Result, err
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
