package history

import (
	"fmt"
	"time"

	"belfry/exporter/catalog"
)

// Observation describes one alert as Alertmanager reports it at one time.
type Observation struct {
	Fingerprint string
	StartsAt    time.Time
	// EndsAt applies to a resolved alert.
	EndsAt  time.Time
	Labels  map[string]string
	Summary string
	// State can be Active, Suppressed or Resolved; empty while Alertmanager has not
	// processed the alert.
	State                   Transition
	SilencedBy, InhibitedBy []string
}

// Problem says why an observation cannot be recorded; it is empty if it can.
func (o *Observation) Problem() string {
	switch {
	case !fingerprint.MatchString(o.Fingerprint):
		return fmt.Sprintf("invalid fingerprint %q: send 16 hexadecimal digits in lower case",
			o.Fingerprint)
	case o.StartsAt.IsZero():
		return fmt.Sprintf("alert %s has no start: send startsAt", o.Fingerprint)
	case o.Labels[catalog.LabelAlertName.Name] == "":
		return fmt.Sprintf("alert %s has no name: send the label alertname", o.Fingerprint)
	}
	return ""
}

// EndFunc returns when the raw condition of an alert that ended at a time ceased
// to hold, and how that is known.
type EndFunc func(a *Alert, at time.Time) (ended time.Time, by EndedBy)

// ReconcilePoll compares the book with all alerts that Alertmanager has now, and
// returns the records that are missing. With absentResolved, firing alerts that
// Alertmanager lacks are resolved.
func (b *Book) ReconcilePoll(now time.Time, observed []Observation, absentResolved bool, end EndFunc) []Record {
	var missing []Record
	present := map[string]bool{}
	for i := range observed {
		o := &observed[i]
		present[o.Fingerprint] = true
		if o.State == Active || o.State == Suppressed {
			missing = append(missing, b.reconcile(now, o, end)...)
		}
	}
	if !absentResolved {
		return missing
	}
	for _, a := range b.Firing() {
		if !present[a.Fingerprint] {
			missing = append(missing, a.resolve(now, now, end))
		}
	}
	return missing
}

// reconcile returns the records that one observation of a poll adds.
func (b *Book) reconcile(now time.Time, o *Observation, end EndFunc) []Record {
	a := b.alerts[o.Fingerprint]
	switch {
	case a == nil || !a.Firing():
		return []Record{o.begin(a)}
	case o.StartsAt.After(a.StartsAt):
		return []Record{a.resolve(now, o.StartsAt, end), o.begin(nil)}
	case o.State != a.State: // an earlier start is the same episode, merged with the copy of another Prometheus
		r := a.record(o.State, now)
		r.SilencedBy, r.InhibitedBy = o.SilencedBy, o.InhibitedBy
		return []Record{r}
	}
	return nil
}

// ReconcileWebhook compares the book with one alert of a webhook's message, and
// returns the records that are missing. The message may be late, so what it says
// about an episode that is over counts for nothing, and it does not end a
// suppression: only the poll sees the present.
func (b *Book) ReconcileWebhook(now time.Time, o *Observation, end EndFunc) []Record {
	a := b.alerts[o.Fingerprint]
	isNew := a == nil || o.StartsAt.After(a.StartsAt)
	var missing []Record
	if isNew && a != nil && a.Firing() {
		missing = append(missing, a.resolve(now, o.StartsAt, end))
	}
	if isNew {
		first := o.begin(nil)
		missing, a = append(missing, first), first.alert()
	}
	if o.State == Resolved && a.Firing() && o.StartsAt.Equal(a.StartsAt) {
		at := o.EndsAt
		if at.IsZero() || at.After(now) {
			at = now
		}
		missing = append(missing, a.resolve(now, at, end))
	}
	return missing
}

// ExpireAcknowledgements returns the records of acknowledgements whose time is up.
func (b *Book) ExpireAcknowledgements(now time.Time) []Record {
	var missing []Record
	for _, a := range b.Firing() {
		if k := a.Acknowledgement; k != nil && !now.Before(k.Until) {
			r := a.record(Expired, k.Until)
			r.By = k.By
			missing = append(missing, r)
		}
	}
	return missing
}

// begin returns the first record of an episode; before is the alert's last
// episode, or nil. An alert that returns with its old start, as after a break
// between Prometheus and Alertmanager, begins where its last episode ended.
func (o *Observation) begin(before *Alert) Record {
	began := o.StartsAt
	if before != nil && before.Since.After(began) {
		began = before.Since
	}
	r := Record{
		Transition: Active, At: began.UTC(), Fingerprint: o.Fingerprint, StartsAt: o.StartsAt.UTC(), Began: began.UTC(),
		Labels: o.Labels, Summary: o.Summary,
	}
	if o.State == Suppressed {
		r.Transition, r.SilencedBy, r.InhibitedBy = Suppressed, o.SilencedBy, o.InhibitedBy
	}
	return r
}

// alert returns the alert that the first record of an episode makes.
func (r *Record) alert() *Alert {
	a := &Alert{Fingerprint: r.Fingerprint}
	a.begin(r)
	return a
}

// resolve returns the record that ends the episode at the alert's own end.
func (a *Alert) resolve(now, at time.Time, end EndFunc) Record {
	if at.After(now) {
		at = now
	}
	r := a.record(Resolved, at)
	ended, by := end(a, at)
	ended = ended.UTC()
	r.Ended, r.EndedBy = &ended, by
	r.measure(ended)
	return r
}
