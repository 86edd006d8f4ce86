package recorder

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"belfry/alertmanager/history"
)

// apiAlert is an alert in Alertmanager's API and, with its status in one word,
// in a webhook's message.
type apiAlert struct {
	Fingerprint string            `json:"fingerprint"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

func (a *apiAlert) sighting() history.Sighting {
	return history.Sighting{
		Fingerprint: a.Fingerprint, StartsAt: a.StartsAt.UTC(), EndsAt: a.EndsAt, Labels: a.Labels, Summary: a.Annotations["summary"],
	}
}

// alerts asks for all alerts that fire.
func (r *Recorder) alerts(ctx context.Context) (seen []history.Sighting, err error) {
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
		s := a.sighting()
		switch a.Status.State {
		case "active":
			s.State = history.Active
		case "suppressed":
			s.State, s.SilencedBy, s.InhibitedBy = history.Suppressed, a.Status.SilencedBy, a.Status.InhibitedBy
		}
		if s.Valid() && !r.ignores(&s) {
			seen = append(seen, s)
		}
	}
	return seen, nil
}

// started asks when Alertmanager has started.
func (r *Recorder) started(ctx context.Context) (time.Time, error) {
	var status struct {
		Uptime time.Time `json:"uptime"` // is what the API calls it
	}
	err := r.alertmanager.get(ctx, "/api/v2/status", &status)
	return status.Uptime, err
}

func (r *Recorder) ignores(s *history.Sighting) bool {
	return slices.Contains(r.o.Ignore, s.Labels["alertname"])
}

// webhookBytes bounds a webhook's message.
const webhookBytes = 8 << 20

// serveWebhook takes a message of Alertmanager's webhook. It answers 200 when
// what it tells is written; otherwise Alertmanager tells it again.
func (r *Recorder) serveWebhook(w http.ResponseWriter, request *http.Request) {
	var message struct {
		Alerts []struct {
			apiAlert
			Status string `json:"status"`
		} `json:"alerts"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, request.Body, webhookBytes)).Decode(&message); err != nil {
		http.Error(w, fmt.Sprintf("not a message of Alertmanager's webhook: %v", err), http.StatusBadRequest)
		return
	}
	var told []history.Sighting
	for _, a := range message.Alerts {
		s := a.sighting()
		s.State = history.Active
		if a.Status == "resolved" {
			s.State = history.Resolved
		}
		if !s.Valid() {
			http.Error(w, fmt.Sprintf("an alert with the fingerprint %q lacks start or name", s.Fingerprint), http.StatusBadRequest)
			return
		}
		if !r.ignores(&s) {
			told = append(told, s)
		}
	}
	if err := r.hear(request.Context(), told); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

// hear writes what a webhook tells.
func (r *Recorder) hear(ctx context.Context, told []history.Sighting) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	j := r.journal.Load()
	if j == nil {
		return errNotRead
	}
	now := r.o.now()
	if slices.ContainsFunc(told, func(s history.Sighting) bool { return s.State == history.Resolved }) {
		r.conditions.refresh(ctx, now, open(j))
	}
	err := j.Write(ctx, func(b *history.Book) (records []history.Record, err error) {
		for i := range told {
			records = append(records, b.Told(now, &told[i], r.conditions.end)...)
		}
		return records, nil
	})
	r.wrote(ctx, err)
	return err
}
