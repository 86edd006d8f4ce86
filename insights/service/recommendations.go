package service

import (
	"context"
	"net/http"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/insights/recommend"
	"belfry/insights/table"
)

// Recommendations is the answer of the operation recommendations.
type Recommendations struct{ recommend.Report }

// recommendationRow is a recommendation in a table.
type recommendationRow struct {
	Generated    time.Time `parquet:"generated_at,timestamp(millisecond)"`
	Kind         string    `parquet:"kind"`
	Dimension    string    `parquet:"dimension"`
	Channel      string    `parquet:"channel"`
	Subject      string    `parquet:"subject"`
	Text         string    `parquet:"text"`
	Evidence     string    `parquet:"evidence"`
	Unit         string    `parquet:"unit"`
	N            float64   `parquet:"n"`
	Effect       float64   `parquet:"effect"`
	EffectLow    float64   `parquet:"effect_low"`
	EffectHigh   float64   `parquet:"effect_high"`
	Gain         *float64  `parquet:"gain_per_month,optional"`
	ChanceBest   float64   `parquet:"chance_best"`
	ExpectedLoss float64   `parquet:"expected_loss"`
	PAdjusted    float64   `parquet:"p_adjusted"`
	TestPerArm   *int64    `parquet:"test_users_per_arm,optional"`
	Queries      string    `parquet:"queries"`
}

func (a Recommendations) table() table.Table {
	var rows []recommendationRow
	for _, r := range a.Recommendations {
		row := recommendationRow{
			a.GeneratedAt, r.Kind, string(r.Dimension), r.Channel, r.Subject, r.Text, r.Evidence, r.Unit, r.N,
			r.Effect.Value, r.Effect.Low, r.Effect.High, nil, r.ChanceBest, r.ExpectedLoss, r.PAdjusted, nil,
			strings.Join(r.Queries, "\n"),
		}
		if r.GainPerMonth != nil {
			row.Gain = &r.GainPerMonth.Value
		}
		if r.Test != nil {
			row.TestPerArm = new(int64(r.Test.PerArm))
		}
		rows = append(rows, row)
	}
	return table.Of(rows)
}

func (s *Service) registerRecommendations(a *api) {
	d := describe{
		name: "recommendations", summary: "What to test, and what to ship", isTable: true,
		about: "Ways of sending that users answer better than others. Observed differences say what to test; an " +
			"experiment that has decided says what to ship.",
	}
	register(a, d, func(context.Context, *formatInput) (int, Recommendations, *Problem) {
		report, problem := answerOf(s.recommendations, func(r *recommend.Report) *query.Status { return &r.Status })
		return http.StatusOK, Recommendations{s.withWinners(report)}, problem
	})
}

// recommend finds recommendations.
func (s *Service) recommend(ctx context.Context) (recommend.Report, query.Status) {
	report, err := recommend.Read(ctx, s.source, recommend.Options{Floor: float64(s.o.Floor)})
	if err != nil {
		return report, query.StatusOf(err)
	}
	report.Status = s.orStale(ctx, report.Status)
	return report, report.Status
}

// withWinners puts before the recommendations the arms that experiments say to ship.
func (s *Service) withWinners(r recommend.Report) recommend.Report {
	if judged, _, ok := s.experiments.shown(); ok {
		r.Ship(judged.Experiments)
	}
	return r
}

// addRecommendations counts the recommendations of each kind.
func (s *Service) addRecommendations(to *limited) {
	report, _, ok := s.recommendations.shown()
	if !ok {
		return
	}
	counts := map[string]int{recommend.KindTest: 0, recommend.KindShip: 0}
	for _, r := range s.withWinners(report).Recommendations {
		counts[r.Kind]++
	}
	for _, kind := range []string{recommend.KindShip, recommend.KindTest} {
		to.add(catalog.Recommendations, float64(counts[kind]), kind)
	}
}
