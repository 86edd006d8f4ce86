package history

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"belfry/exporter/catalog"
)

// Alert holds the latest episode of one alert.
type Alert struct {
	Fingerprint     string
	StartsAt, Began time.Time
	// State, which is Active, Suppressed or Resolved, has lasted since Since.
	State   Transition
	Since   time.Time
	Labels  map[string]string
	Summary string
	// SilencedBy and InhibitedBy say what suppressed the alert.
	SilencedBy, InhibitedBy []string
	// Acknowledgement may be nil. It expires even if no record says so, see
	// [Alert.AcknowledgedAt].
	Acknowledgement *Acknowledgement

	wasAcknowledged bool   // at any time in this episode
	sequence        uint64 // of the alert's last record in the stream, 0 for none
}

// Acknowledgement says who works on an alert, and for how long.
type Acknowledgement struct {
	At, Until   time.Time
	By, Comment string
	Silence     string // id of the silence created with it, or empty
}

// Firing reports whether the alert fires, suppressed or not.
func (a *Alert) Firing() bool { return a.State == Active || a.State == Suppressed }

// AcknowledgedAt reports whether the alert fires and is acknowledged at a time.
func (a *Alert) AcknowledgedAt(now time.Time) bool {
	return a.Firing() && a.Acknowledgement != nil && now.Before(a.Acknowledgement.Until)
}

// Book holds every alert and the totals as they follow from the records of the
// stream. It is not safe for concurrent use; a [Journal] guards its own.
type Book struct {
	alerts map[string]*Alert
	totals Totals
}

// newBook returns a book without alerts, whose counts continue from totals.
func newBook(totals Totals) *Book {
	return &Book{alerts: map[string]*Alert{}, totals: totals.clone()}
}

// Firing returns copies of the alerts that fire, the longest first.
func (b *Book) Firing() []*Alert {
	var firing []*Alert
	for _, a := range b.alerts {
		if a.Firing() {
			now := *a
			firing = append(firing, &now)
		}
	}
	slices.SortFunc(firing, func(x, y *Alert) int {
		return cmp.Or(x.Began.Compare(y.Began), cmp.Compare(x.Fingerprint, y.Fingerprint))
	})
	return firing
}

// Totals returns a copy of the counts so far.
func (b *Book) Totals() Totals { return b.totals.clone() }

// Fold adds the record with this sequence of the stream, and reports whether it
// was new. A record that the book has already changes nothing.
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
	if r.Transition != Resolved && (!a.Firing() || r.StartsAt.After(a.StartsAt)) {
		a.begin(r)
	}
	counts := a.apply(r)
	if counts && sequence > b.totals.Through {
		b.totals.add(r)
	}
	return true
}

// begin starts an episode. Its first records may have left the stream, so the
// first one seen may be any but the last.
func (a *Alert) begin(r *Record) {
	*a = Alert{
		Fingerprint: a.Fingerprint, sequence: a.sequence, StartsAt: r.StartsAt, Began: r.Began,
		State: Active, Since: r.Began, Labels: r.Labels, Summary: r.Summary,
	}
}

// apply changes the episode. It reports whether the record's duration counts: that
// of the end, and that of the first acknowledgement.
func (a *Alert) apply(r *Record) (counts bool) {
	switch r.Transition {
	case Active, Suppressed:
		a.State, a.Since = r.Transition, r.At
		a.SilencedBy, a.InhibitedBy = r.SilencedBy, r.InhibitedBy
	case Acknowledged:
		counts = !a.wasAcknowledged
		a.wasAcknowledged = true
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

// record returns a record of the alert's episode, with what all transitions have.
func (a *Alert) record(t Transition, at time.Time) Record {
	return Record{
		Transition: t, At: at.UTC(), Fingerprint: a.Fingerprint, StartsAt: a.StartsAt, Began: a.Began,
		Labels: maps.Clone(a.Labels), Summary: a.Summary,
	}
}

// Series holds the labels of [catalog.AlertAcknowledged]. Alerts with the same
// labels, those of one rule on one channel, escalate together.
type Series struct{ AlertName, Rule, Channel string }

func (a *Alert) series() Series {
	return Series{
		AlertName: a.Labels[catalog.LabelAlertName.Name],
		Rule:      a.Labels[catalog.LabelRule.Name],
		Channel:   a.Labels[catalog.LabelChannel.Name],
	}
}

// Acknowledged returns the series that are acknowledged at a time. Where several
// alerts share a series, such as two providers of a channel, all active ones must
// be acknowledged: one that nobody has noticed must not hide behind another.
func (b *Book) Acknowledged(now time.Time) []Series {
	acknowledged, waiting := map[Series]bool{}, map[Series]bool{}
	for _, a := range b.alerts {
		switch {
		case a.AcknowledgedAt(now):
			acknowledged[a.series()] = true
		case a.State == Active:
			waiting[a.series()] = true
		}
	}
	maps.DeleteFunc(acknowledged, func(s Series, _ bool) bool { return waiting[s] })
	return slices.SortedFunc(maps.Keys(acknowledged), func(x, y Series) int {
		return cmp.Or(
			cmp.Compare(x.AlertName, y.AlertName), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Channel, y.Channel))
	})
}
