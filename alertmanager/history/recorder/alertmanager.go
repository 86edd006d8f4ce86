package recorder

import (
	"context"
	"slices"
	"strings"
	"time"

	"belfry/alertmanager/history"
	"belfry/exporter/catalog"
)

// apiAlert decodes what alerts have in common in Alertmanager's API and in the
// messages of its webhook.
type apiAlert struct {
	Fingerprint string            `json:"fingerprint"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

func (a *apiAlert) observation() history.Observation {
	return history.Observation{
		Fingerprint: a.Fingerprint, StartsAt: a.StartsAt.UTC(), EndsAt: a.EndsAt,
		Labels: a.Labels, Summary: shortened(a.Annotations["summary"]),
	}
}

// maxSummary bounds a summary in bytes; those of Belfry fit on a phone.
const maxSummary = 1 << 10

func shortened(summary string) string {
	if len(summary) <= maxSummary {
		return summary
	}
	return strings.ToValidUTF8(summary[:maxSummary], "") + "…"
}

// alerts requests all alerts that fire.
func (r *Recorder) alerts(ctx context.Context) (observed []history.Observation, err error) {
	var alerts []struct {
		apiAlert
		Status struct {
			State       string   `json:"state"`
			SilencedBy  []string `json:"silencedBy"`
			InhibitedBy []string `json:"inhibitedBy"`
		} `json:"status"`
	}
	if err := r.alertmanager.get(ctx, "/api/v2/alerts", &alerts); err != nil {
		return nil, err
	}
	for _, a := range alerts {
		o := a.observation()
		switch a.Status.State {
		case "active":
			o.State = history.Active
		case "suppressed":
			o.State, o.SilencedBy, o.InhibitedBy = history.Suppressed, a.Status.SilencedBy, a.Status.InhibitedBy
		}
		if o.Problem(r.o.now()) != "" {
			o.State = "" // it is there, and nothing of it is recorded
		}
		if !r.ignores(&o) {
			observed = append(observed, o)
		}
	}
	return observed, nil
}

// startTime requests when Alertmanager started.
func (r *Recorder) startTime(ctx context.Context) (time.Time, error) {
	var status struct {
		StartTime time.Time `json:"uptime"` // a time in spite of its name
	}
	err := r.alertmanager.get(ctx, "/api/v2/status", &status)
	return status.StartTime, err
}

func (r *Recorder) ignores(o *history.Observation) bool {
	return slices.Contains(r.o.Ignore, o.Labels[catalog.LabelAlertName.Name])
}
