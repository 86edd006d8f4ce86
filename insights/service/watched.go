package service

import (
	"context"
	"net/http"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/anomaly"
	"belfry/insights/forecast"
	"belfry/insights/query"
	"belfry/insights/table"
)

// Anomalies is the answer of the operation anomalies.
type Anomalies struct{ anomaly.Report }

// anomalyRow is a watched series in a table.
type anomalyRow struct {
	Generated time.Time  `parquet:"generated_at,timestamp(millisecond)"`
	Series    string     `parquet:"series"`
	Channel   string     `parquet:"channel"`
	State     string     `parquet:"state"`
	Reason    string     `parquet:"reason"`
	Anomalous bool       `parquet:"anomalous"`
	DecidedBy string     `parquet:"decided_by"`
	Since     *time.Time `parquet:"since,timestamp(millisecond),optional"`
	At        time.Time  `parquet:"at,timestamp(millisecond)"`
	Value     *float64   `parquet:"value,optional"`
	Expected  *float64   `parquet:"expected,optional"`
	Lower     *float64   `parquet:"lower,optional"`
	Upper     *float64   `parquet:"upper,optional"`
	Score     *float64   `parquet:"score,optional"`
	Queries   string     `parquet:"queries"`
}

func (a Anomalies) table() table.Table {
	var rows []anomalyRow
	for _, w := range a.Series {
		rows = append(rows, anomalyRow{
			a.GeneratedAt, w.Series, w.Channel, w.State, w.Reason, w.Anomalous, w.DecidedBy, w.Since, w.At, w.Value,
			w.Expected, w.Lower, w.Upper, w.Score, strings.Join(w.Queries, "\n"),
		})
	}
	return table.Of(rows)
}

// Forecasts is the answer of the operation forecasts.
type Forecasts struct{ forecast.Report }

// forecastRow is an hour of a forecast in a table, or the reason why there is none.
type forecastRow struct {
	Generated time.Time  `parquet:"generated_at,timestamp(millisecond)"`
	Series    string     `parquet:"series"`
	Channel   string     `parquet:"channel"`
	Model     string     `parquet:"model"`
	MASE      *float64   `parquet:"mase,optional"`
	Reason    string     `parquet:"reason"`
	At        *time.Time `parquet:"timestamp,timestamp(millisecond),optional"`
	Mean      *float64   `parquet:"mean,optional"`
	Low80     *float64   `parquet:"lo80,optional"`
	High80    *float64   `parquet:"hi80,optional"`
	Low95     *float64   `parquet:"lo95,optional"`
	High95    *float64   `parquet:"hi95,optional"`
	Queries   string     `parquet:"queries"`
}

func (f Forecasts) table() table.Table {
	var rows []forecastRow
	for _, w := range f.Series {
		common := forecastRow{
			Generated: f.GeneratedAt, Series: w.Series, Channel: w.Channel, Model: w.Model, MASE: w.MASE,
			Reason: w.Reason, Queries: strings.Join(w.Queries, "\n"),
		}
		for _, p := range w.Points {
			row := common
			row.At, row.Mean, row.Low80, row.High80 = &p.At, &p.Mean, &p.Lo80, &p.Hi80
			row.Low95, row.High95 = &p.Lo95, &p.Hi95
			rows = append(rows, row)
		}
		if len(w.Points) == 0 {
			rows = append(rows, common)
		}
	}
	return table.Of(rows)
}

func (s *Service) registerWatched(a *api) {
	anomalies := describe{
		name: "anomalies", summary: "What is unusual now, for each watched series", isTable: true,
		about: "Where a band of the rules is in force for a series, decided_by is rules: their alerts decide.",
	}
	register(a, anomalies, func(context.Context, *formatInput) (int, Anomalies, *Problem) {
		report, problem := answerOf(s.anomalies, func(r *anomaly.Report) *query.Status { return &r.Status })
		return http.StatusOK, Anomalies{report}, problem
	})
	forecasts := describe{
		name: "forecasts", summary: "What each watched series is expected to become", isTable: true,
		about: "By the hour for a week, with intervals of 80 % and 95 %, and the error of the backtest.",
	}
	register(a, forecasts, func(context.Context, *formatInput) (int, Forecasts, *Problem) {
		report, problem := answerOf(s.forecasts, func(r *forecast.Report) *query.Status { return &r.Status })
		return http.StatusOK, Forecasts{report}, problem
	})
}

// watchAnomalies and watchForecasts ask about the watched series.
func (s *Service) watchAnomalies(ctx context.Context) (anomaly.Report, query.Status) {
	report := s.detectors.Watch(ctx, s.source)
	report.Status = s.orStale(ctx, report.Status)
	return report, report.Status
}

func (s *Service) watchForecasts(ctx context.Context) (forecast.Report, query.Status) {
	report := s.forecaster.Watch(ctx, s.source)
	report.Status = s.orStale(ctx, report.Status)
	return report, report.Status
}

// addAnomalies adds the bands as series, and the anomalies on which insights decides: a
// series with a band of the rules has alerts of its own.
func (s *Service) addAnomalies(to *limited) {
	report, _, _ := s.anomalies.shown()
	for _, w := range report.Series {
		to.addKnown(catalog.Expected, w.Expected, w.Series, w.Channel, "expected")
		to.addKnown(catalog.Expected, w.Lower, w.Series, w.Channel, "lower")
		to.addKnown(catalog.Expected, w.Upper, w.Series, w.Channel, "upper")
		if w.DecidedBy == anomaly.ByInsights {
			to.addBool(catalog.Anomaly, w.Alerts(), w.Series, w.Channel)
		}
	}
}

// addForecasts adds the forecasts as series.
func (s *Service) addForecasts(to *limited) {
	report, _, _ := s.forecasts.shown()
	for _, w := range report.Series {
		for _, a := range w.Ahead {
			for _, line := range []struct {
				bound string
				value float64
			}{
				{"expected", a.Mean},
				{"lower80", a.Lo80}, {"upper80", a.Hi80},
				{"lower95", a.Lo95}, {"upper95", a.Hi95},
			} {
				to.add(catalog.Forecast, line.value, w.Series, w.Channel, a.Horizon, line.bound)
			}
		}
	}
}
