package history

import (
	"fmt"
	"time"

	"belfry/exporter/catalog"
	"belfry/nats"
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

// Limits of what is recorded of an alert. Those of Belfry have about ten labels.
const (
	maxLabels, maxLabelBytes = 64, 8 << 10
	// maxSkew bounds how far the clock of Alertmanager's machine may be ahead.
	maxSkew = 10 * time.Minute
)

// Problem says why an observation cannot be recorded now; it is empty if it can.
func (o *Observation) Problem(now time.Time) string {
	switch {
	case !fingerprint.MatchString(o.Fingerprint):
		return fmt.Sprintf("invalid fingerprint %q: send 16 hexadecimal digits in lower case",
			o.Fingerprint)
	case o.StartsAt.IsZero():
		return fmt.Sprintf("alert %s has no start: send startsAt", o.Fingerprint)
	case o.Labels[catalog.LabelAlertName.Name] == "":
		return fmt.Sprintf("alert %s has no name: send the label alertname", o.Fingerprint)
	case o.StartsAt.After(now.Add(maxSkew)):
		return fmt.Sprintf("alert %s starts in the future: compare the clocks", o.Fingerprint)
	case now.Sub(o.StartsAt) > nats.AlertMaxAge:
		return fmt.Sprintf("alert %s starts before the history, %s: check startsAt",
			o.Fingerprint, o.StartsAt.UTC().Format(time.RFC3339))
	case o.State == Resolved && !o.EndsAt.IsZero() && o.EndsAt.Before(o.StartsAt):
		return fmt.Sprintf("alert %s ends before it starts: check endsAt", o.Fingerprint)
	case len(o.Labels) > maxLabels || size(o.Labels) > maxLabelBytes:
		return fmt.Sprintf("alert %s has more than %d labels, or more than %d bytes of them",
			o.Fingerprint, maxLabels, maxLabelBytes)
	}
	return ""
}

// size returns the bytes of all names and values.
func size(labels map[string]string) (n int) {
	for name, value := range labels {
		n += len(name) + len(value)
	}
	return n
}

// EndFunc returns when the raw condition of an alert that ended at a time ceased
// to hold, and how that is known.
type EndFunc func(a *Alert, at time.Time) (ended time.Time, by EndedBy)

// ReconcilePoll compares the book with all alerts that Alertmanager has now, and
// returns the records that are missing. With absentResolved, firing alerts that
// Alertmanager lacks are resolved: now, or when ended says so.
func (b *Book) ReconcilePoll(
	now time.Time, observed []Observation, absentResolved bool, ended []Observation, end EndFunc,
) []Record {
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
			missing = append(missing, a.resolve(now, a.ended(now, ended), end))
		}
	}
	return missing
}

// ended returns the end that one of the observations has for this episode, or now.
func (a *Alert) ended(now time.Time, observed []Observation) time.Time {
	for _, o := range observed {
		if o.Fingerprint == a.Fingerprint && o.StartsAt.Equal(a.StartsAt) && !o.EndsAt.Before(a.Since) &&
			o.EndsAt.Before(now) {
			return o.EndsAt
		}
	}
	return now
}

// News reports whether an observation that comes from elsewhere than a poll may add
// something, so that a poll is worth it. It adds nothing by itself.
func (b *Book) News(o *Observation) bool {
	a := b.alerts[o.Fingerprint]
	if o.State == Resolved {
		return a != nil && a.Firing() && o.StartsAt.Equal(a.StartsAt)
	}
	return a == nil || o.StartsAt.After(a.StartsAt)
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
