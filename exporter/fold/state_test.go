package fold_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/state"
)

// StartOver cuts every counter in two: what it showed before and after sums up to
// what it would have shown. Nothing counts twice and no series changes its labels.
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

// The first series of a label set brings its siblings, at 0: a rate needs a value
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

// A code that the configuration lists since the checkpoint is born with the next
// provider as itself, not under the name of another code.
func TestCodesListedSinceTheCheckpoint(t *testing.T) {
	o := options()
	o.Table.LabelLimits = map[*catalog.Label]int{catalog.LabelErrorCode: 0} // listed codes come on top
	o.Faults = map[string]string{"lost": "platform", "refused": "provider", "stale": "provider"}
	before := newState(o)
	before.Fold(sent("ses"))
	o.Faults = map[string]string{"gone": "recipient", "lost": "platform"}
	s, err := fold.Restore(o, state.NewMemory(o.AttributionWindow), before.Image())
	if err != nil {
		t.Fatal(err)
	}
	s.Fold(sent("postfix"))
	var got []string
	for _, family := range exposition(s) {
		for _, m := range family.Metric {
			if family.GetName() == catalog.Errors.Name {
				got = append(got, labels(m))
			}
		}
	}
	slices.Sort(got)
	want := []string{
		`{channel="email",error_code="gone",fault="recipient",provider="postfix"}`,
		`{channel="email",error_code="lost",fault="platform",provider="postfix"}`,
		`{channel="email",error_code="lost",fault="platform",provider="ses"}`,
		`{channel="email",error_code="refused",fault="provider",provider="ses"}`,
		`{channel="email",error_code="stale",fault="provider",provider="ses"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A provider past its label's limit is shown as other, and yet its codes have its
// faults.
func TestFaultOfAProviderPastTheLimit(t *testing.T) {
	o := options()
	o.Table.LabelLimits = map[*catalog.Label]int{catalog.LabelProvider: 0}
	s := newState(o)
	s.Fold(fold.Message{Data: []byte(`{"eventId":"e","eventType":"notification.failed","notificationId":"n",` +
		`"timestamp":"2026-11-23T02:58:52Z","userId":"u",` +
		`"data":{"channel":"email","provider":"postmark","errorCode":406}}`)})
	want := `notification_errors_total{channel="email",error_code="406",fault="recipient",provider="other"} 1`
	if got := nonZero(s); !strings.Contains(got, want) {
		t.Errorf("want %s, got\n%s", want, got)
	}
}

// What an earlier version has shown is folded again with the codes as they were: as
// written, and with a fault only if the configuration lists them.
func TestErrorCodesOfAnEarlierVersion(t *testing.T) {
	s := newState(options())
	failed := func(id int, code string) {
		s.Fold(fold.Message{Data: fmt.Appendf(nil, `{"eventId":"e%[1]d","eventType":"notification.failed",`+
			`"timestamp":"2026-11-23T02:58:52Z","notificationId":"n%[1]d","userId":"u",`+
			`"data":{"channel":"email","provider":"ses","errorCode":%[2]q}}`, id, code)})
	}
	codes := []string{"550 5.1.1 no such user", "UNREGISTERED", "throttled", "acme_1"}
	s.CountAsBefore(true)
	for i, code := range codes {
		failed(i, code)
	}
	s.CountAsBefore(false)
	for i, code := range codes {
		failed(10+i, code)
	}
	var got []string
	for line := range strings.Lines(nonZero(s)) {
		if line, ok := strings.CutPrefix(line, catalog.Errors.Name+`{channel="email",`); ok {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := []string{
		`error_code="5.1.1",fault="recipient",provider="ses"} 1`,
		`error_code="550 5.1.1 no such user",fault="unknown",provider="ses"} 1`,
		`error_code="UNREGISTERED",fault="recipient",provider="ses"} 1`,
		`error_code="UNREGISTERED",fault="unknown",provider="ses"} 1`,
		`error_code="acme_1",fault="platform",provider="ses"} 1`,
		`error_code="acme_1",fault="unknown",provider="ses"} 1`,
		`error_code="throttled",fault="provider",provider="ses"} 2`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func sent(provider string) fold.Message {
	return fold.Message{Data: fmt.Appendf(nil, `{"eventId":"e-%[1]s","eventType":"notification.sent",`+
		`"timestamp":"2026-11-23T02:58:52Z","notificationId":"n-%[1]s","userId":"u","data":{"channel":"email",`+
		`"category":"transactional","priority":"high","templateId":"t","provider":"%[1]s"}}`, provider)}
}

// valuesBeside groups a family's series by all labels but the given ones, and counts
// each group. The label fault does not separate groups: what is sent has another
// fault than what fails.
func valuesBeside(family *dto.MetricFamily, without ...*catalog.Label) map[string]int {
	groups := map[string]map[string]bool{}
	for _, m := range family.Metric {
		others, own := "", ""
		for _, l := range m.Label {
			pair := fmt.Sprintf("%s=%q ", l.GetName(), l.GetValue())
			switch {
			case slices.ContainsFunc(without, func(label *catalog.Label) bool { return label.Name == l.GetName() }):
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
	sizes := map[string]int{}
	for others, values := range groups {
		sizes[others] = len(values)
	}
	return sizes
}

// The first notification that a provider carries on a channel brings the error
// codes that the configuration lists, at 0.
func TestKnownErrorsAreBornWithTheirProvider(t *testing.T) {
	s := newState(options())
	send(t, s, "n1", "u1", time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC))
	var born []string
	for _, family := range exposition(s) {
		if family.GetName() != catalog.Errors.Name {
			continue
		}
		for _, m := range family.GetMetric() {
			born = append(born, fmt.Sprint(labels(m), " ", m.GetCounter().GetValue()))
		}
	}
	slices.Sort(born)
	want := []string{
		`{channel="email",error_code="invalid_address",fault="recipient",provider="ses"} 0`,
		`{channel="email",error_code="throttled",fault="provider",provider="ses"} 0`,
	}
	if d := cmp.Diff(want, born); d != "" {
		t.Errorf("errors (-want +got):\n%s", d)
	}
}
