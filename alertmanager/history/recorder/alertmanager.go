package recorder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
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
		Labels: a.Labels, Summary: a.Annotations["summary"],
	}
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
		if o.Problem() == "" && !r.ignores(&o) {
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

// maxWebhookBytes bounds a webhook's message.
const maxWebhookBytes = 8 << 20

// serveWebhook receives a message of Alertmanager's webhook. It answers 200 once
// the message's alerts are recorded; otherwise Alertmanager sends it again.
func (r *Recorder) serveWebhook(w http.ResponseWriter, request *http.Request) {
	var message struct {
		Alerts []struct {
			apiAlert
			Status string `json:"status"`
		} `json:"alerts"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, request.Body, maxWebhookBytes)).Decode(&message); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the body is empty")
		}
		http.Error(w, fmt.Sprintf("not a message of Alertmanager's webhook: %v", err), http.StatusBadRequest)
		return
	}
	var observed []history.Observation
	for _, a := range message.Alerts {
		o := a.observation()
		o.State = history.Active
		if a.Status == "resolved" {
			o.State = history.Resolved
		}
		if what := o.Problem(); what != "" {
			http.Error(w, what, http.StatusBadRequest)
			return
		}
		if !r.ignores(&o) {
			observed = append(observed, o)
		}
	}
	if err := r.recordWebhook(request.Context(), observed); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

// recordWebhook writes what a webhook's message adds to the history.
func (r *Recorder) recordWebhook(ctx context.Context, observed []history.Observation) error {
	r.observing.Lock()
	defer r.observing.Unlock()
	j := r.journal.Load()
	if j == nil {
		return errNotRead
	}
	now := r.o.now()
	isResolved := func(o history.Observation) bool { return o.State == history.Resolved }
	if slices.ContainsFunc(observed, isResolved) {
		r.conditions.refresh(ctx, now, j.Firing())
	}
	err := j.Write(ctx, func(b *history.Book) (records []history.Record, err error) {
		for i := range observed {
			records = append(records, b.ReconcileWebhook(now, &observed[i], r.conditions.end)...)
		}
		return records, nil
	})
	r.noteWrite(ctx, err)
	return err
}
