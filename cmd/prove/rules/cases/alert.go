package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"
)

// alerting keeps the state of an alerting rule between evaluations, as
// Prometheus's rules.AlertingRule does. Unlike that, it expands annotations only
// at the times that a case asks for, which is most of the cost.
type alerting struct {
	rule   *Rule
	query  template.QueryFunc
	active map[uint64]*alert
}

// alert follows an element of the rule's expression.
type alert struct {
	labels   labels.Labels
	latest   promql.Sample // the last value of the expression
	since    int64
	firing   bool
	goneFrom int64 // when the expression no longer had the element; notGone while it has

	pendingSeries, firingSeries, forState labels.Labels
}

const notGone = -1 << 62

func newAlerting(r *Rule, query template.QueryFunc) *alerting {
	return &alerting{rule: r, query: query, active: map[uint64]*alert{}}
}

// evaluate takes the result of the expression at a time and returns the series to
// write.
func (a *alerting) evaluate(ctx context.Context, t int64, condition promql.Vector) ([]promql.Sample, error) {
	holds := map[uint64]bool{}
	for _, s := range condition {
		s.T = t
		l := a.labels(ctx, s)
		id := l.Hash()
		if holds[id] {
			return nil, fmt.Errorf("%s: several alerts have the labels %s", a.rule.ID, l)
		}
		holds[id] = true
		if a.active[id] == nil {
			a.active[id] = a.newAlert(l, t)
		}
		a.active[id].latest, a.active[id].goneFrom = s, notGone
	}
	var written []promql.Sample
	for id, one := range a.active {
		if !holds[id] && !one.keepsFiring(a.rule.KeepFiringFor, t) {
			delete(a.active, id)
			continue
		}
		if t-one.since >= a.rule.For.Milliseconds() {
			one.firing = true
		}
		state := one.pendingSeries
		if one.firing {
			state = one.firingSeries
		}
		written = append(written, promql.Sample{Metric: state, F: 1},
			promql.Sample{Metric: one.forState, F: float64(one.since / 1000)})
	}
	return written, nil
}

// keepsFiring reports whether an alert whose condition no longer holds still fires.
func (one *alert) keepsFiring(keepFiringFor time.Duration, t int64) bool {
	if !one.firing || keepFiringFor == 0 {
		return false
	}
	if one.goneFrom == notGone {
		one.goneFrom = t
	}
	return t-one.goneFrom < keepFiringFor.Milliseconds()
}

func (a *alerting) newAlert(l labels.Labels, t int64) *alert {
	b := labels.NewBuilder(l)
	one := &alert{labels: l, since: t}
	one.forState = b.Set(model.MetricNameLabel, seriesForState).Labels()
	one.pendingSeries = b.Set(model.MetricNameLabel, seriesAlerts).Set("alertstate", "pending").Labels()
	one.firingSeries = b.Set("alertstate", "firing").Labels()
	return one
}

func (a *alerting) labels(ctx context.Context, s promql.Sample) labels.Labels {
	b := labels.NewBuilder(s.Metric).Del(model.MetricNameLabel)
	for name, text := range a.rule.Labels {
		b.Set(name, a.expand(ctx, text, s))
	}
	return b.Set(labels.AlertName, a.rule.Name).Labels()
}

// firing formats the alerts that fire, in order.
func (a *alerting) firing(ctx context.Context) []string {
	var all []string
	for _, one := range a.active {
		if !one.firing {
			continue
		}
		texts := map[string]string{}
		for name, text := range a.rule.Annotations {
			texts[name] = a.expand(ctx, text, one.latest)
		}
		all = append(all, formatAlert(one.labels, labels.FromMap(texts)))
	}
	slices.Sort(all)
	return all
}

// formatAlert formats an alert such that equal alerts have equal texts.
func formatAlert(l, annotations labels.Labels) string {
	var b strings.Builder
	b.WriteString(l.String())
	annotations.Range(func(a labels.Label) { fmt.Fprintf(&b, "\n  %s: %s", a.Name, strconv.Quote(a.Value)) })
	return b.String()
}

// expand expands a template as Prometheus does.
func (a *alerting) expand(ctx context.Context, text string, s promql.Sample) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	const variables = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}" +
		"{{$externalURL := .ExternalURL}}{{$value := .Value}}"
	data := template.AlertTemplateData(s.Metric.Map(), nil, "", s)
	e := template.NewTemplateExpander(ctx, variables+text, a.rule.Name, data, model.Time(s.T), a.query, nil, nil)
	expanded, err := e.Expand()
	if err != nil {
		return fmt.Sprintf("<error expanding template: %s>", err)
	}
	return expanded
}
