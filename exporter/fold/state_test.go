package fold_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

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
				before = counts(cut)
				cut.StartOver()
			}
			foldOne(steady, m)
			foldOne(cut, m)
		}
		want, after := counts(steady), counts(cut)
		for series, value := range before {
			after[series] += value
		}
		if d := difference(want, after); d != "" {
			t.Errorf("seed %d, before and after together:\n%s", seed, d)
		}
	}
}

// When a series is born, so are those beside it, at 0: a rate needs a value
// before the first one.
func TestSeriesAreBornTogether(t *testing.T) {
	together := map[*catalog.Label]int{
		catalog.LabelStage: catalog.NumStages, catalog.LabelSLOStage: len(catalog.LabelSLOStage.Values),
		catalog.LabelMoment: len(catalog.LabelMoment.Values), catalog.LabelOutcome: len(catalog.LabelOutcome.Values),
	}
	o := randomOptions(2)
	s := newState(o)
	for _, m := range write(2, 400, o.UserKey) {
		s.Fold(m)
	}
	sets := map[*catalog.Family]int{}
	for _, family := range exposition(s) {
		f := catalog.ByName(family.GetName())
		for _, label := range f.Labels {
			want, limited := together[label]
			if f == catalog.SendHourStages.Family {
				want = 4
			}
			for others, values := range valuesBeside(family, label) {
				if limited && values != want {
					t.Errorf("%s{%s} has %d values of %s, want %d", f.Name, others, values, label.Name, want)
				}
			}
		}
		sets[f] = len(valuesBeside(family, catalog.LabelVariant, catalog.LabelOutcome, catalog.LabelMoment))
	}
	if got, want := sets[catalog.ExperimentCrossovers.Family], sets[catalog.ExperimentMoments.Family]; got != want {
		t.Errorf("crossovers are shown of %d experiments, want all %d", got, want)
	}
}

// valuesBeside groups a family's series by their labels but for the given ones,
// and counts each group. Faults do not part groups: nothing is sent by
// anybody's fault.
func valuesBeside(family *dto.MetricFamily, labels ...*catalog.Label) map[string]int {
	groups := map[string]map[string]bool{}
	for _, m := range family.Metric {
		others, own := "", ""
		for _, l := range m.Label {
			pair := fmt.Sprintf("%s=%q ", l.GetName(), l.GetValue())
			switch {
			case slices.ContainsFunc(labels, func(label *catalog.Label) bool { return label.Name == l.GetName() }):
				own += pair
			case l.GetName() != catalog.LabelFault.Name:
				others += pair
			}
		}
		if groups[others] == nil {
			groups[others] = map[string]bool{}
		}
		groups[others][own] = true
	}
	counts := map[string]int{}
	for others, values := range groups {
		counts[others] = len(values)
	}
	return counts
}

// A scrape may come at any time, or never. What is stored must not depend on it:
// users expire by the stream's time.
func TestUsersExpireWithoutAScrape(t *testing.T) {
	s := newState(options())
	at := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	send := func(id, user string) {
		message := fmt.Sprintf(`{"eventId":%[1]q,"eventType":"notification.sent","timestamp":%[2]q,"notificationId":%[1]q,"userId":%[3]q,`+
			`"data":{"channel":"sms","category":"c","priority":"low","templateId":"t"}}`, id, at.Format(time.RFC3339), user)
		if rejection := s.Fold(fold.Message{Data: []byte(message), Time: at.UnixNano()}); rejection != nil {
			t.Fatal(rejection)
		}
	}
	send("e1", "u1")
	at = at.AddDate(2, 0, 0)
	send("e2", "u2")
	stored := s.Image().Population
	if stored.Users != 1 {
		t.Errorf("%d users after two years, want the one of today", stored.Users)
	}
	s.Snapshot()
	if d := cmp.Diff(stored, s.Image().Population); d != "" {
		t.Errorf("a scrape changes what is stored (-before +after):\n%s", d)
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

// The first notification that a provider carries on a channel brings the error
// codes that the configuration lists, at 0.
func TestKnownErrorsAreBornWithTheirProvider(t *testing.T) {
	s := newState(options())
	s.Fold(fold.Message{Time: 1772445600e9, Data: []byte(`{"eventId":"e1","eventType":"notification.sent","timestamp":"2026-03-02T10:00:00Z","notificationId":"n1","userId":"u1",` +
		`"data":{"channel":"email","category":"c","priority":"low","templateId":"t1","provider":"ses"}}`)})
	var born []string
	for _, family := range exposition(s) {
		if family.GetName() != catalog.Errors.Name {
			continue
		}
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			born = append(born, fmt.Sprint(labels["channel"], " ", labels["provider"], " ", labels["error_code"], " ", labels["fault"], " ", m.GetCounter().GetValue()))
		}
	}
	slices.Sort(born)
	if d := cmp.Diff([]string{"email ses invalid_address recipient 0", "email ses throttled provider 0"}, born); d != "" {
		t.Errorf("errors (-want +got):\n%s", d)
	}
}
