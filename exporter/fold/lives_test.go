package fold_test

import (
	"fmt"
	"maps"
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

// on returns a message of a day since 2026 with more of its fields.
func on(day int, event, id, more string) fold.Message {
	at := time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, day)
	more += `,"channel":"email","category":"marketing","priority":"low"`
	if !strings.Contains(more, "templateId") {
		more += `,"templateId":"t"`
	}
	return fold.Message{Data: fmt.Appendf(nil, `{"eventId":"%s-%s-%d","eventType":"notification.%[1]s",`+
		`"notificationId":%[2]q,"timestamp":%[4]q,"userId":"u","data":{%s}}`,
		event, id, day, at.Format(time.RFC3339), more)}
}

// values returns the values of a label in a family, each with the sum of its counters.
func values(s *fold.State, f catalog.Counter, l *catalog.Label) map[string]float64 {
	sums := map[string]float64{}
	for _, family := range exposition(s) {
		for _, m := range family.Metric {
			if family.GetName() == f.Name {
				sums[valueOf(m, l)] += m.Counter.GetValue()
			}
		}
	}
	return sums
}

func valueOf(m *dto.Metric, l *catalog.Label) string {
	for _, pair := range m.Label {
		if pair.GetName() == l.Name {
			return pair.GetValue()
		}
	}
	return ""
}

// A campaign a day never becomes other: those of weeks ago make room, and what comes at
// the end of the attribution window still counts for its own.
func TestADailyCampaignIsNeverOther(t *testing.T) {
	const limit = 20
	o := options()
	o.Table.LabelLimits = map[*catalog.Label]int{
		catalog.LabelCampaign: limit, catalog.LabelTemplate: limit, catalog.LabelName: limit,
	}
	s := newState(o)
	for day := range 120 {
		named := fmt.Sprintf(`"campaignId":"c%d","templateId":"t%[1]d","templateName":"name %[1]d"`, day)
		s.Fold(on(day, "sent", fmt.Sprint("n", day), named))
		s.Fold(on(day, "delivered", fmt.Sprint("n", day), `"timezone":"UTC"`))
		if day >= 7 {
			s.Fold(on(day, "opened", fmt.Sprint("n", day-7), `"timezone":"UTC"`))
		}
	}
	shown := values(s, catalog.CampaignStages, catalog.LabelCampaign)
	for day := 119; day > 119-13; day-- {
		want := 4. // sent, delivered, opened, engaged
		if day > 119-7 {
			want = 2
		}
		if got := shown[fmt.Sprint("c", day)]; got != want {
			t.Errorf("the campaign of day %d reached %v stages, want %v", day, got, want)
		}
	}
	if len(shown) > limit || shown["other"] != 0 {
		t.Errorf("%d campaigns are shown, want at most %d and no other: %v", len(shown), limit, shown)
	}
	expired := values(s, catalog.LabelValuesExpired, catalog.LabelLabel)
	if got := expired["campaign"] + float64(len(shown)); got != 120 {
		t.Errorf("%v campaigns were shown, want 120", got)
	}
	names := map[string]string{}
	for _, family := range exposition(s) {
		for _, m := range family.Metric {
			if name := valueOf(m, catalog.LabelName); name != "" {
				names[valueOf(m, catalog.LabelTemplate)] = name
			}
		}
	}
	for template := range values(s, catalog.TemplateStages, catalog.LabelTemplate) {
		if want := "name " + strings.TrimPrefix(template, "t"); names[template] != want {
			t.Errorf("template %s has the name %q, want %q", template, names[template], want)
		}
	}
}

// A user in an experiment whose numbers have ended enters another one, which may not take
// the place of the first, and that one again if it comes back.
func TestAnExperimentThatMadeRoom(t *testing.T) {
	o := options()
	o.Table.LabelLimits = map[*catalog.Label]int{catalog.LabelExperiment: 1}
	s := newState(o)
	in := func(day int, experiment, variant string) {
		s.Fold(on(day, "sent", fmt.Sprint("n", day), fmt.Sprintf(
			`"context":{"experimentId":%q,"experimentVariant":%q}`, experiment, variant)))
	}
	users := func() map[string]float64 { return values(s, catalog.ExperimentUsers, catalog.LabelExperiment) }
	in(0, "first", "a")
	in(3, "early", "a") // the first one lives
	if got := users(); got["first"] != 1 || got["early"] != 0 {
		t.Errorf("within its life: %v", got)
	}
	for day := 6; day < 60; day += 3 {
		s.Fold(on(day, "sent", fmt.Sprint("n", day), `"timezone":"UTC"`))
	}
	in(60, "second", "b")
	if diff := cmp.Diff(map[string]float64{"second": 1, "other": 1}, users()); diff != "" {
		t.Errorf("users of the second experiment (-want +got):\n%s", diff)
	}
	for day := 63; day < 120; day += 3 {
		s.Fold(on(day, "sent", fmt.Sprint("n", day), `"timezone":"UTC"`))
	}
	in(120, "first", "b")
	if diff := cmp.Diff(map[string]float64{"first": 1, "other": 1}, users()); diff != "" {
		t.Errorf("users of the first experiment again (-want +got):\n%s", diff)
	}
	if got := values(s, catalog.ExperimentCrossovers, catalog.LabelExperiment)["first"]; got != 0 {
		t.Errorf("%v users crossed over, want none: the first part has ended", got)
	}
}

// An arm lives as long as its users do something, whatever their events say.
func TestAnArmLivesWithItsUsers(t *testing.T) {
	o := options()
	o.Table.LabelLimits = map[*catalog.Label]int{catalog.LabelVariant: 2}
	s := newState(o)
	for day := 0; day < 90; day += 3 {
		variant := "b"
		if day == 0 {
			variant = "a" // the arm in which the user stays
		}
		s.Fold(on(day, "sent", fmt.Sprint("n", day), fmt.Sprintf(
			`"context":{"experimentId":"x","experimentVariant":%q}`, variant)))
	}
	s.Fold(on(90, "sent", "n90", `"context":{"experimentId":"x","experimentVariant":"c"}`))
	if got := values(s, catalog.ExperimentUsers, catalog.LabelVariant); got["a"] != 1 || len(got) != 1 {
		t.Errorf("users by variant: %v, want one in a", got)
	}
}

// A user whose arm has made room enters another arm.
func TestAnArmThatMadeRoom(t *testing.T) {
	o := options()
	o.Table.LabelLimits = map[*catalog.Label]int{catalog.LabelVariant: 2}
	s := newState(o)
	in := func(day int, user, variant string) {
		m := on(day, "sent", fmt.Sprint("n", day), fmt.Sprintf(
			`"context":{"experimentId":"x","experimentVariant":%q}`, variant))
		m.Data = []byte(strings.Replace(string(m.Data), `"userId":"u"`, fmt.Sprintf(`"userId":%q`, user), 1))
		s.Fold(m)
	}
	in(0, "one", "a")
	for day := 3; day < 60; day += 3 {
		in(day, "two", "b")
	}
	in(60, "three", "c")
	in(63, "one", "b")
	got := values(s, catalog.ExperimentUsers, catalog.LabelVariant)
	if diff := cmp.Diff(map[string]float64{"b": 2, "c": 1}, got); diff != "" {
		t.Errorf("users by variant (-want +got):\n%s", diff)
	}
}

// wholly lists families whose counts do not depend on which values are shown.
var wholly = []*catalog.Family{
	catalog.Events.Family, catalog.Stages.Family, catalog.TemplateStages.Family, catalog.CampaignStages.Family,
	catalog.Errors.Family, catalog.Retries.Family, catalog.SLOStages.Family, catalog.DeliveryLatency.Family,
	catalog.TimeToOpen.Family,
}

// While label values come and make room, no series falls, and what has ended and what is
// shown add up to what is shown if all values stay. A store that crashes makes no
// difference.
func TestNothingIsLostWhenValuesMakeRoom(t *testing.T) {
	expired := 0.
	for seed := uint64(1); seed < 12; seed += 2 {
		o := randomOptions(seed)
		messages := write(seed, 200, o.UserKey)
		keeping := newState(o)
		o.KeepLabelValues = false
		s, ended, before := newState(o), map[string]float64{}, map[string]shownSeries{}
		for i, m := range messages {
			foldOne(keeping, m)
			foldOne(s, m)
			now := shown(s)
			for series, was := range before {
				is, stays := now[series]
				switch {
				case !stays || is.created != was.created:
					ended[was.group] += was.value
				case is.value < was.value:
					t.Fatalf("seed %d, message %d: %s falls from %v to %v", seed, i, series, was.value, is.value)
				}
			}
			before = now
		}
		for _, is := range before {
			ended[is.group] += is.value
		}
		want := map[string]float64{}
		for _, is := range shown(keeping) {
			want[is.group] += is.value
		}
		maps.DeleteFunc(want, func(_ string, v float64) bool { return v == 0 })
		if d := difference(want, ended); d != "" {
			t.Errorf("seed %d, what has ended and what is shown:\n%s", seed, d)
		}
		if d := cmp.Diff(exactly(s), exactly(foldStored(t, o, seed, messages))); d != "" {
			t.Errorf("seed %d (-memory +store):\n%s", seed, d)
		}
		for _, n := range values(s, catalog.LabelValuesExpired, catalog.LabelLabel) {
			expired += n
		}
	}
	if expired < 10 {
		t.Errorf("%v values expired, want many", expired)
	}
}

// shownSeries holds the count of a series, and its closed labels.
type shownSeries struct {
	value   float64
	created string
	group   string
}

func shown(s *fold.State) map[string]shownSeries {
	all := map[string]shownSeries{}
	for _, family := range exposition(s) {
		f := catalog.ByName(family.GetName())
		if !slices.Contains(wholly, f) {
			continue
		}
		for _, m := range family.Metric {
			is := shownSeries{group: f.Name}
			for _, l := range f.Labels {
				if !l.Free() {
					is.group += " " + valueOf(m, l)
				}
			}
			if m.Counter != nil {
				is.value, is.created = m.Counter.GetValue(), m.Counter.CreatedTimestamp.String()
			} else {
				is.value = float64(m.Histogram.GetSampleCount())
				is.created = m.Histogram.CreatedTimestamp.String()
			}
			all[f.Name+labels(m)] = is
		}
	}
	return all
}

// Versions before let no value go: what they have shown is folded again as it was, and
// the values of their images live from then on.
func TestValuesOfAnEarlierVersionStay(t *testing.T) {
	o := options()
	o.Table.LabelLimits = map[*catalog.Label]int{catalog.LabelCampaign: 1}
	before := newState(o)
	before.Fold(on(0, "sent", "n0", `"campaignId":"old"`))
	image := before.Image()
	image.Table.Seen = nil
	for _, f := range image.Table.Families {
		f.Rows, f.Serials = 0, nil
	}
	s, err := fold.Restore(o, state.NewMemory(o.AttributionWindow), image)
	if err != nil {
		t.Fatal(err)
	}
	s.RememberAll(true)
	for day := 3; day <= 30; day += 3 {
		s.Fold(on(day, "sent", fmt.Sprint("n", day), `"campaignId":"new"`))
	}
	if got := values(s, catalog.CampaignStages, catalog.LabelCampaign); got["old"] != 1 || got["other"] != 10 {
		t.Errorf("folded again: %v, want what was shown", got)
	}
	s.RememberAll(false)
	s.Fold(on(31, "sent", "n31", `"campaignId":"new"`))
	if got := values(s, catalog.CampaignStages, catalog.LabelCampaign); got["new"] != 1 || len(got) != 2 {
		t.Errorf("afterwards: %v, want the new campaign", got)
	}
}
