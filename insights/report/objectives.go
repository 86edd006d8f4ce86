package report

import (
	"context"
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// objective is how a channel stands against its objectives at the end of the period.
type objective struct {
	Channel string
	// Target is the share that must be delivered, and Reached what was within 30 days.
	Target, Reached *float64
	// Budget and Latency are what is left of the error budgets of 30 days, and Earlier what
	// was left of the first at the beginning of the period.
	Budget, Latency, Earlier *float64
}

type objectiveLog struct {
	All     []objective
	Status  query.Status
	Queries []string
}

// readObjectives reads how the objectives stand at the time of the source.
func readObjectives(ctx context.Context, s *query.Source, d Definition, p Period) objectiveLog {
	var log objectiveLog
	byChannel := map[string]*objective{}
	read := func(e expr.Expr, at time.Time, set func(o *objective, x float64)) {
		v, err := s.Instant(ctx, expr.Max(e).By(catalog.LabelChannel), at.UTC())
		log.Queries = append(log.Queries, v.Queries...)
		log.Status = query.Worst(log.Status, query.StatusOf(err))
		for _, one := range v.Values {
			channel := one.Labels.Of(catalog.LabelChannel)
			if byChannel[channel] == nil {
				byChannel[channel] = &objective{Channel: channel}
			}
			set(byChannel[channel], one.Value)
		}
	}
	end := s.Now()
	read(rules.DeliverySLO.Target.Expr, end, func(o *objective, x float64) { o.Target = &x })
	read(rules.DeliverySLO.Ratio("30d").Expr, end, func(o *objective, x float64) { o.Reached = new(1 - x) })
	read(rules.ErrorBudgetRemaining.Expr, end, func(o *objective, x float64) { o.Budget = &x })
	read(rules.ErrorBudgetRemaining.Expr, p.From, func(o *objective, x float64) { o.Earlier = &x })
	read(rules.LatencyBudgetRemaining.Expr, end, func(o *objective, x float64) { o.Latency = &x })
	slices.Sort(log.Queries)
	log.Queries = slices.Compact(log.Queries)
	for _, channel := range catalog.LabelChannel.Values {
		if o := byChannel[channel]; o != nil && d.counts(channel) && (o.Reached != nil || o.Budget != nil) {
			log.All = append(log.All, *o)
		}
	}
	return log
}
