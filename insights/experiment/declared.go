package experiment

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// Declared returns plans for the experiments that the exporter's configuration declares:
// equal shares, opens as the primary metric, and the default guardrails, since the first
// user was counted within 90 days.
func Declared(ctx context.Context, s *query.Source, now time.Time) ([]Plan, error) {
	info, err := s.Instant(ctx, expr.Max(expr.Select(catalog.ExperimentInfo)).By(catalog.LabelExperiment,
		catalog.LabelVariant, catalog.LabelControl, catalog.LabelPlanned), now)
	if err != nil {
		return nil, fmt.Errorf("read the declared experiments: %w", err)
	}
	byName := map[string]*Plan{}
	var names []string
	for _, v := range info.Values {
		name := v.Labels.Of(catalog.LabelExperiment)
		p := byName[name]
		if p == nil {
			p = &Plan{Name: name, Primary: "open", Alpha: DefaultAlpha, ConversionWindow: defaultWindow,
				VarianceReduction: CUPED, Split: map[string]float64{}}
			byName[name], names = p, append(names, name)
		}
		p.declare(v.Labels)
	}
	var all []Plan
	for _, name := range names {
		p := byName[name]
		for arm := range p.Split {
			p.Split[arm] = 1 / float64(len(p.Split))
		}
		p.Guardrails = p.defaultGuardrails()
		if p.Started.Time, err = firstUser(ctx, s, name, now); err != nil {
			return nil, err
		}
		all = append(all, *p)
	}
	return all, nil
}

func (p *Plan) declare(l query.Labels) {
	arm := l.Of(catalog.LabelVariant)
	p.Split[arm] = 0
	if l.Of(catalog.LabelControl) == "true" {
		p.Control = arm
	}
	if planned, err := strconv.Atoi(l.Of(catalog.LabelPlanned)); err == nil && planned > 0 {
		p.PlannedUsers = planned
	}
}

// horizon is how far back the first user of a declared experiment is looked for.
const horizon = 90 * 24 * time.Hour

// firstUser returns the hour in which users of the experiment were first recorded, and
// now if none were: the experiment is about to start.
func firstUser(ctx context.Context, s *query.Source, name string, now time.Time) (time.Time, error) {
	const step = time.Hour
	window := expr.Window(model.Duration(step).String())
	users := expr.Sum(expr.SumOverTime(rules.ExperimentMomentVolume.Increase5m, window,
		expr.Eq(catalog.LabelExperiment, name), expr.Eq(catalog.LabelOutcome, "open"),
		expr.Eq(catalog.LabelMoment, "n"))).By()
	m, err := s.Range(ctx, users, now.Truncate(step).Add(-horizon), now.Truncate(step).Add(step), step)
	if err != nil {
		return time.Time{}, fmt.Errorf("find the start of experiment %s: %w", name, err)
	}
	for _, series := range m.Series {
		for _, p := range series.Points {
			if p.Value > 0 {
				return p.At.Add(-step), nil
			}
		}
	}
	return now.UTC(), nil
}
