package backfill

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// derivation says from what a recorded series is computed over a long time.
type derivation struct {
	expr.Recorded
	from string // PromQL
}

// perSecond divides tiles into rates.
func perSecond(e expr.Operand) string {
	return fmt.Sprintf("(%s) / %g", e, step.Seconds())
}

// rates lists the rates over five minutes that a history needs. A rate over five
// minutes at the end of a tile is the tile, divided by its length.
func rates() []derivation {
	perProvider := []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider}
	reached := func(stages ...catalog.Stage) string {
		of := rules.ProviderVolume.Increase5m.Where(expr.Stage(stages...))
		return perSecond(expr.Sum(of).Keeping(perProvider...))
	}
	quantile := func(q float64, of expr.Recorded) string { return expr.Quantile(q, of).String() }
	latency, steps := rules.LatencyVolume.Increase5m, rules.ProcessingVolume.Increase5m
	return []derivation{
		{rules.Sent.Rate5m, reached(catalog.StageSent)},
		{rules.Delivered.Rate5m, reached(catalog.StageDelivered)},
		{rules.Failed.Rate5m, reached(catalog.StageFailed)},
		{rules.Bounced.Rate5m, reached(catalog.StageBouncedHard, catalog.StageBouncedSoft)},
		{rules.LatencyP50, quantile(0.5, latency)}, {rules.LatencyP95, quantile(0.95, latency)},
		{rules.LatencyP99, quantile(0.99, latency)},
		{rules.StepP50, quantile(0.5, steps)}, {rules.StepP95, quantile(0.95, steps)},
		{rules.ServiceErrors, serviceErrors()},
	}
}

// serviceErrors returns the share of the requests of a tile that failed.
func serviceErrors() string {
	requests := func(where ...expr.Matcher) expr.Expr {
		return expr.Sum(rules.ServiceVolume.Increase5m.Where(where...)).Keeping(catalog.LabelService)
	}
	return expr.Ratio(requests(expr.Eq(catalog.LabelResult, "error")), requests()).String()
}

// fromTiles returns the definition of a recorded series with increases over five minutes
// in place of those over one. At the end of a tile their sums are the same.
func fromTiles(r expr.Recorded) string {
	return strings.ReplaceAll(r.Definition.String(), minutely, ":increase"+tallyTile)
}

// minutely ends the names of series of increases over a minute.
const minutely = ":increase1m"

// seasonal returns the names of the series of the seasonal bands, which depend on
// their own past.
func seasonal() map[string]bool {
	names := map[string]bool{}
	for _, s := range []rules.Seasonal{rules.VolumeSeason, rules.EngagementSeason} {
		for _, r := range []expr.Recorded{
			s.Usual, s.UsualAhead, s.Expected, s.Residual, s.Spread, s.Width, s.Lower, s.Upper, s.Ready, s.Drift,
		} {
			names[r.Name] = true
		}
	}
	return names
}

// derivations returns the recorded series that can be computed from those that are
// known, in an order in which they can.
func derivations(known map[string]bool) ([]derivation, error) {
	all := rates()
	for _, d := range all {
		known[d.Name] = true
	}
	bands := seasonal()
	for _, r := range rules.Recorded() {
		from := fromTiles(r)
		names, err := Read(from)
		if err != nil {
			return nil, err
		}
		computable := !known[r.Name] && !bands[r.Name]
		for _, name := range names {
			computable = computable && known[name]
		}
		if computable {
			known[r.Name] = true
			all = append(all, derivation{r, from})
		}
	}
	return all, nil
}

// compute evaluates a derivation at the end of each tile, or of each hour if it is recorded
// less often, and stores what it finds.
func (d derivation) compute(ctx context.Context, server *simtime.Server, from, to time.Time) error {
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: math.MaxInt32, Timeout: time.Hour, LookbackDelta: step,
		Parser: parser.NewParser(parser.Options{}),
	})
	defer engine.Close()
	every := min(max(step, d.Every), time.Hour)
	begin := from.Add(every - 1).Truncate(every)
	query, err := engine.NewRangeQuery(ctx, server.DB, nil, d.from, begin, to, every)
	if err != nil {
		return fmt.Errorf("compute %s: %w", d.Name, err)
	}
	defer query.Close()
	result := query.Exec(ctx)
	matrix, err := result.Matrix()
	if err != nil {
		return fmt.Errorf("compute %s: %w", d.Name, err)
	}
	appender := server.DB.Appender(ctx)
	for _, series := range matrix {
		b := labels.NewBuilder(series.Metric)
		b.Set(model.MetricNameLabel, d.Name)
		own := simtime.Series{Labels: b.Labels()}
		for _, f := range series.Floats {
			if err := own.Append(appender, f.T, f.F); err != nil {
				return err
			}
		}
	}
	return appender.Commit()
}
