package history

import (
	"time"
)

// Sighting is one alert as Alertmanager tells of it at one moment.
type Sighting struct {
	Fingerprint string
	StartsAt    time.Time
	// EndsAt is the end of a resolved alert.
	EndsAt  time.Time
	Labels  map[string]string
	Summary string
	// State is Active, Suppressed or Resolved; empty while Alertmanager has not
	// made up its mind.
	State                   Transition
	SilencedBy, InhibitedBy []string
}

// Valid says whether the sighting names an episode.
func (s *Sighting) Valid() bool {
	return fingerprint.MatchString(s.Fingerprint) && !s.StartsAt.IsZero() && s.Labels["alertname"] != ""
}

// End finds when the raw condition of an alert, whose own end is at, was over.
type End func(a *Alert, at time.Time) (ended time.Time, by EndedBy)

// Poll compares the book with everything that Alertmanager has at a time, and
// returns the records that are missing. With gone, an open alert that
// Alertmanager does not have is over.
func (b *Book) Poll(now time.Time, seen []Sighting, gone bool, end End) []Record {
	var missing []Record
	present := map[string]bool{}
	for i := range seen {
		s := &seen[i]
		present[s.Fingerprint] = true
		if s.State == Active || s.State == Suppressed {
			missing = append(missing, b.sighted(now, s, end)...)
		}
	}
	if !gone {
		return missing
	}
	for _, a := range b.Open() {
		if !present[a.Fingerprint] {
			missing = append(missing, a.resolved(now, now, end))
		}
	}
	return missing
}

// sighted is what a poll's sighting adds.
func (b *Book) sighted(now time.Time, s *Sighting, end End) []Record {
	a := b.alerts[s.Fingerprint]
	switch {
	case a == nil || !a.Open():
		return []Record{s.begins(a)}
	case s.StartsAt.After(a.StartsAt):
		return []Record{a.resolved(now, s.StartsAt, end), s.begins(nil)}
	case s.State != a.State: // an earlier start is the same episode, merged with another Prometheus' copy
		r := a.record(s.State, now)
		r.SilencedBy, r.InhibitedBy = s.SilencedBy, s.InhibitedBy
		return []Record{r}
	}
	return nil
}

// Told compares the book with one alert of a webhook's message, which may be
// late: what it says of an episode that is over says nothing. That an alert came
// out of suppression is for the poll to see, which knows the present.
func (b *Book) Told(now time.Time, s *Sighting, end End) []Record {
	a := b.alerts[s.Fingerprint]
	unknown := a == nil || s.StartsAt.After(a.StartsAt)
	var missing []Record
	if unknown && a != nil && a.Open() {
		missing = append(missing, a.resolved(now, s.StartsAt, end))
	}
	if unknown {
		begun := s.begins(nil)
		missing, a = append(missing, begun), begun.alert()
	}
	if s.State == Resolved && a.Open() && s.StartsAt.Equal(a.StartsAt) {
		at := s.EndsAt
		if at.IsZero() || at.After(now) {
			at = now
		}
		missing = append(missing, a.resolved(now, at, end))
	}
	return missing
}

// Expire returns the records of acknowledgements whose time was up.
func (b *Book) Expire(now time.Time) []Record {
	var missing []Record
	for _, a := range b.Open() {
		if k := a.Acknowledgement; k != nil && !now.Before(k.Until) {
			r := a.record(Expired, k.Until)
			r.By = k.By
			missing = append(missing, r)
		}
	}
	return missing
}

// begins is the first record of an episode. An alert that comes back under its
// old start, as after a break between Prometheus and Alertmanager, begins where
// its last episode ended.
func (s *Sighting) begins(before *Alert) Record {
	began := s.StartsAt
	if before != nil && before.Since.After(began) {
		began = before.Since
	}
	r := Record{
		Transition: Active, At: began.UTC(), Fingerprint: s.Fingerprint, StartsAt: s.StartsAt.UTC(), Began: began.UTC(),
		Labels: s.Labels, Summary: s.Summary,
	}
	if s.State == Suppressed {
		r.Transition, r.SilencedBy, r.InhibitedBy = Suppressed, s.SilencedBy, s.InhibitedBy
	}
	return r
}

// alert is the alert that the first record of an episode makes.
func (r *Record) alert() *Alert {
	a := &Alert{Fingerprint: r.Fingerprint}
	a.begin(r)
	return a
}

// resolved ends the episode at the alert's own end.
func (a *Alert) resolved(now, at time.Time, end End) Record {
	if at.After(now) {
		at = now
	}
	r := a.record(Resolved, at)
	ended, by := end(a, at)
	ended = ended.UTC()
	r.Ended, r.EndedBy = &ended, by
	r.since(ended)
	return r
}
