package service

import (
	"context"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/report"
)

// Report makes a report from the same server, with the plans in force and the same privacy
// floor, see [report.Maker.Make].
func (s *Service) Report(ctx context.Context, d report.Definition, p report.Period) (report.Document, error) {
	planned, _ := s.plans.get()
	return report.Maker{Source: s.source, Plans: planned, Floor: s.o.Floor}.Make(ctx, d, p)
}

// Scheduled says how a report that is sent at set times is doing.
type Scheduled struct {
	Name string
	// Sent is when it last reached all its recipients, zero for never.
	Sent time.Time
	// Failures counts attempts that failed since the start.
	Failures int
}

// addReports adds how the reports of schedules are doing.
func (s *Service) addReports(to *limited) {
	if s.o.Reports == nil {
		return
	}
	for _, r := range s.o.Reports() {
		to.add(catalog.ReportFailures, float64(r.Failures), r.Name)
		if !r.Sent.IsZero() {
			to.add(catalog.ReportSuccess, float64(r.Sent.UnixMilli())/1000, r.Name)
		}
	}
}
