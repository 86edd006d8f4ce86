package history

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Alert is what is known of one alert: its latest episode.
type Alert struct {
	Fingerprint     string
	StartsAt, Began time.Time
	// State is Active, Suppressed or Resolved, Since when it came to be so.
	State   Transition
	Since   time.Time
	Labels  map[string]string
	Summary string
	// SilencedBy and InhibitedBy say what suppressed the alert.
	SilencedBy, InhibitedBy []string
	// Acknowledgement is nil while there is none. Whether its time is up is for
	// the reader to see: nothing need be written for it to expire.
	Acknowledgement *Acknowledgement

	answered bool   // acknowledged before in this episode
	sequence uint64 // of its last record in the stream, 0 for none
}

// Acknowledgement is somebody's word to look after an alert.
type Acknowledgement struct {
	At, Until   time.Time
	By, Comment string
	Silence     string // id of the silence that came with it, or empty
}

// Open says whether the alert fires, suppressed or not.
func (a *Alert) Open() bool { return a.State == Active || a.State == Suppressed }

// AcknowledgedAt says whether somebody looks after the alert at a time.
func (a *Alert) AcknowledgedAt(now time.Time) bool {
	return a.Open() && a.Acknowledgement != nil && now.Before(a.Acknowledgement.Until)
}

// Book is what follows from the records of the stream. It is not safe for
// concurrent use; a [Journal] guards its own.
type Book struct {
	alerts map[string]*Alert
	totals Totals
}

// NewBook makes an empty book whose counts go on from totals.
func NewBook(totals Totals) *Book {
	return &Book{alerts: map[string]*Alert{}, totals: totals.clone()}
}

// Open returns the alerts that fire, the longest first, as they are now: they
// are the caller's and do not change.
func (b *Book) Open() []*Alert {
	var open []*Alert
	for _, a := range b.alerts {
		if a.Open() {
			now := *a
			open = append(open, &now)
		}
	}
	slices.SortFunc(open, func(x, y *Alert) int {
		return cmp.Or(x.Began.Compare(y.Began), cmp.Compare(x.Fingerprint, y.Fingerprint))
	})
	return open
}

// Totals are the counts so far.
func (b *Book) Totals() Totals { return b.totals.clone() }

// Fold takes the record with its sequence in the stream into the book. A record
// that the book has already changes nothing; it reports whether it was new.
func (b *Book) Fold(sequence uint64, r *Record) bool {
	a := b.alerts[r.Fingerprint]
	if a == nil {
		a = &Alert{Fingerprint: r.Fingerprint}
		b.alerts[r.Fingerprint] = a
	}
	if sequence <= a.sequence {
		return false
	}
	a.sequence = sequence
	if r.Transition != Resolved && (!a.Open() || r.StartsAt.After(a.StartsAt)) {
		a.begin(r)
	}
	seconds := a.apply(r)
	if sequence > b.totals.Through {
		b.totals.add(r, seconds)
	}
	return true
}

// begin opens an episode. Its first records may have left the stream, so that
// any but the last can be the first one that is seen.
func (a *Alert) begin(r *Record) {
	*a = Alert{
		Fingerprint: a.Fingerprint, sequence: a.sequence, StartsAt: r.StartsAt, Began: r.Began,
		State: Active, Since: r.Began, Labels: r.Labels, Summary: r.Summary,
	}
}

// apply changes the episode and reports whether the record's time counts: that
// of the end, and that of the first acknowledgement.
func (a *Alert) apply(r *Record) (counts bool) {
	switch r.Transition {
	case Active, Suppressed:
		a.State, a.Since = r.Transition, r.At
		a.SilencedBy, a.InhibitedBy = r.SilencedBy, r.InhibitedBy
	case Acknowledged:
		counts = !a.answered
		a.answered = true
		a.Acknowledgement = &Acknowledgement{At: r.At, By: r.By, Comment: r.Comment, Silence: r.Silence}
		if r.Until != nil {
			a.Acknowledgement.Until = *r.Until
		}
	case Unacknowledged, Expired:
		a.Acknowledgement = nil
	case Resolved:
		counts = true
		*a = Alert{
			Fingerprint: a.Fingerprint, sequence: a.sequence, StartsAt: r.StartsAt, Began: r.Began,
			State: Resolved, Since: r.At, Labels: r.Labels,
		}
	}
	return counts
}

// record begins a record of the alert's episode.
func (a *Alert) record(t Transition, at time.Time) Record {
	return Record{
		Transition: t, At: at.UTC(), Fingerprint: a.Fingerprint, StartsAt: a.StartsAt, Began: a.Began,
		Labels: maps.Clone(a.Labels), Summary: a.Summary,
	}
}

// Subject is what the metric of acknowledgements tells apart: alerts of one rule
// on one channel escalate together.
type Subject struct{ AlertName, Rule, Channel string }

func (a *Alert) subject() Subject {
	return Subject{AlertName: a.Labels["alertname"], Rule: a.Labels["rule"], Channel: a.Labels["channel"]}
}

// Acknowledged returns what is looked after at a time. Where several alerts are
// one subject, such as two providers of a channel, it is when each that people
// are told of is: one that nobody has seen must not hide behind another.
func (b *Book) Acknowledged(now time.Time) []Subject {
	looked := map[Subject]bool{}
	missed := map[Subject]bool{}
	for _, a := range b.alerts {
		switch {
		case a.AcknowledgedAt(now):
			looked[a.subject()] = true
		case a.State == Active:
			missed[a.subject()] = true
		}
	}
	maps.DeleteFunc(looked, func(s Subject, _ bool) bool { return missed[s] })
	return slices.SortedFunc(maps.Keys(looked), func(x, y Subject) int {
		return cmp.Or(cmp.Compare(x.AlertName, y.AlertName), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Channel, y.Channel))
	})
}
