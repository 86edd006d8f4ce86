package fold_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/state"
)

// To start over cuts every counter in two: what it showed before and what it
// shows after sum up to what it would have shown. Nothing is counted twice and
// no series changes its labels.
func TestStartingOverLosesNothing(t *testing.T) {
	for seed := range uint64(8) {
		o := randomOptions(seed)
		o.Table.SetLimits = nil // which label sets are admitted starts over too
		messages := write(seed, 300, o.UserKey)
		steady, cut := newState(o), newState(o)
		var before map[string]float64
		for i, m := range messages {
			if i == len(messages)/2 {
				before = exposed(cut)
				cut.StartOver()
			}
			foldOne(steady, m)
			foldOne(cut, m)
		}
		want, after := exposed(steady), exposed(cut)
		for series, value := range before {
			if isCount(series) {
				after[series] += value
			}
		}
		for series := range want {
			if !isCount(series) {
				delete(want, series)
				delete(after, series)
			}
		}
		if d := difference(want, after); d != "" {
			t.Errorf("seed %d, before and after together:\n%s", seed, d)
		}
	}
}

// isCount reports whether a series of an exposition only grows.
func isCount(series string) bool {
	name, _, _ := strings.Cut(series, "{")
	return catalog.ByName(name).Kind != catalog.KindGauge
}

// When a series is born, so are those beside it, at 0: a rate needs a value
// before the first one.
func TestSeriesAreBornTogether(t *testing.T) {
	beside := map[*catalog.Label]int{
		catalog.LabelStage: catalog.NumStages, catalog.LabelSLOStage: len(catalog.LabelSLOStage.Values),
		catalog.LabelMoment: len(catalog.LabelMoment.Values), catalog.LabelOutcome: len(catalog.LabelOutcome.Values),
	}
	o := randomOptions(2)
	s := newState(o)
	for _, m := range write(2, 400, o.UserKey) {
		s.Fold(m)
	}
	for _, family := range exposition(s) {
		f := catalog.ByName(family.GetName())
		for _, label := range f.Labels {
			want, together := beside[label]
			if !together {
				continue
			}
			if f == catalog.SendHourStages.Family {
				want = 4
			}
			values := map[string]map[string]bool{} // the other labels to values of this one
			for _, m := range family.Metric {
				others, own := "", ""
				for _, l := range m.Label {
					switch {
					case l.GetName() == label.Name:
						own = l.GetValue()
					case l.GetName() != "fault": // nothing is sent by anybody's fault
						others += fmt.Sprintf("%s=%q ", l.GetName(), l.GetValue())
					}
				}
				if values[others] == nil {
					values[others] = map[string]bool{}
				}
				values[others][own] = true
			}
			for others, got := range values {
				if len(got) != want {
					t.Errorf("%s{%s} has %d values of %s, want %d", f.Name, others, len(got), label.Name, want)
				}
			}
		}
	}
}

// However much a user is sent, the record of the user stays small.
func TestAUsersRecordIsBounded(t *testing.T) {
	o := randomOptions(0)
	records := state.NewMemory(o.AttributionWindow)
	s := fold.New(o, records)
	at := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	for n := range 500 {
		at = at.Add(time.Minute)
		message := fmt.Sprintf(`{"eventId":"e%d","eventType":"notification.sent","timestamp":%q,"notificationId":"n%d","userId":"u","data":{"channel":"sms","category":"c","priority":"low","templateId":"t"}}`,
			n, at.Format(time.RFC3339), n)
		if rejection := s.Fold(fold.Message{Data: []byte(message)}); rejection != nil {
			t.Fatal(rejection)
		}
	}
	if n := len(records.User(fold.NewPseudonyms(o.UserKey).Of("u"), at.UnixNano()).Sends); n != 11 {
		t.Errorf("the record holds %d sends, want the 11 that matter", n)
	}
}
