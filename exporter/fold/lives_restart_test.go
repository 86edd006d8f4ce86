package fold_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/state"
)

// crowded returns options under which values make room often, by the limits of labels or
// by those of families.
func crowded(bySets bool) fold.Options {
	o := options()
	o.Table.LabelLimits = map[*catalog.Label]int{
		catalog.LabelName: 3, catalog.LabelTemplate: 4, catalog.LabelCampaign: 4, catalog.LabelProvider: 3,
		catalog.LabelCategory: 3, catalog.LabelExperiment: 2, catalog.LabelVariant: 3, catalog.LabelErrorCode: 2,
	}
	if bySets {
		o.Table.LabelLimits = map[*catalog.Label]int{catalog.LabelName: 3}
		o.Table.SetLimits = map[*catalog.Family]int{
			catalog.TemplateStages.Family: 50, catalog.CampaignStages.Family: 45, catalog.Stages.Family: 60,
			catalog.Events.Family: 8, catalog.SLOStages.Family: 60, catalog.Errors.Family: 7,
			catalog.ExperimentMoments.Family: 130, catalog.TemplateInfo.Family: 4, catalog.ExperimentUsers.Family: 50,
		}
	}
	return o
}

// fashions writes events whose values come into use and go out of it again.
type fashions struct {
	*rand.Rand
	at time.Time
	n  int
}

// value returns a value of a kind that is in use at present.
func (f *fashions) value(kind string, choice int) string {
	return fmt.Sprint(kind, f.at.Unix()/(4*24*3600)+f.Int64N(int64(choice)))
}

func (f *fashions) next() fold.Message {
	switch f.IntN(200) {
	case 0:
		f.at = f.at.AddDate(0, 0, 20)
	case 1:
		f.at = f.at.AddDate(0, 0, 5)
	default:
		f.at = f.at.Add(time.Duration(f.IntN(4)) * time.Hour)
	}
	when := f.at
	switch f.IntN(150) {
	case 0:
		when = when.AddDate(0, 0, 90)
	case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10:
		when = when.Add(-time.Duration(f.IntN(60)) * time.Minute)
	}
	kinds := [...]string{"sent", "sent", "sent", "delivered", "failed", "opened", "clicked", "bounced"}
	kind := kinds[f.IntN(len(kinds))]
	data := fmt.Sprintf(`"channel":"email","priority":"low","timezone":"UTC","bounceType":"hard","category":%q,`+
		`"templateId":%q`, f.value("c", 2), f.value("t", 3))
	for _, more := range [...]string{
		fmt.Sprintf(`,"templateName":%q`, f.value("name", 2)),
		fmt.Sprintf(`,"campaignId":%q,"provider":%q`, f.value("camp", 2), f.value("p", 2)),
		fmt.Sprintf(`,"errorCode":%q`, f.value("err", 2)),
		fmt.Sprintf(`,"context":{"experimentId":%q,"experimentVariant":%q}`, f.value("e", 2), f.value("v", 3)),
	} {
		if f.IntN(2) == 0 {
			data += more
		}
	}
	f.n++
	return fold.Message{Time: when.UnixNano(), Data: fmt.Appendf(nil,
		`{"eventId":"x%d","eventType":"notification.%s","notificationId":"n%d","timestamp":%q,"userId":"u%d",`+
			`"data":{%s}}`,
		f.n, kind, max(0, f.n-f.IntN(80)), when.Format(time.RFC3339), f.IntN(12), data)}
}

// A restart changes neither which values make room nor the order in which series are born,
// by which new ones are held at 0.
func TestARestartLetsTheSameValuesGo(t *testing.T) {
	expired := 0.
	for _, seed := range []uint64{0, 1, 6} {
		o := crowded(seed%2 == 0)
		steady, records := newState(o), state.NewMemory(o.AttributionWindow)
		restarted := fold.New(o, records)
		f := &fashions{Rand: rand.New(rand.NewPCG(seed, 7)), at: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
		for i := range 500 {
			m := f.next()
			foldOne(steady, m)
			foldOne(restarted, m)
			if i%37 != 0 {
				continue
			}
			if d := cmp.Diff(created(steady), created(restarted)); d != "" {
				t.Fatalf("seed %d, message %d: series so far (-steady +restarted):\n%s", seed, i, d)
			}
			if d := cmp.Diff(exactly(steady), exactly(restarted)); d != "" {
				t.Fatalf("seed %d, message %d (-steady +restarted):\n%s", seed, i, d)
			}
			var err error
			if restarted, err = fold.Restore(o, records, restarted.Image()); err != nil {
				t.Fatal(err)
			}
		}
		for n := range maps.Values(values(steady, catalog.LabelValuesExpired, catalog.LabelLabel)) {
			expired += n
		}
	}
	if expired < 20 {
		t.Errorf("%v values expired, want many", expired)
	}
}

func created(s *fold.State) map[string]int {
	named := map[string]int{}
	for f, n := range s.Created() {
		named[f.Name] = n
	}
	return named
}

// After a silence, a batch whose messages have one time confirms the jump without moving
// the stream's time. What comes then lives from that day on.
func TestValuesLiveFromTheDayOfTheRecords(t *testing.T) {
	o := options()
	o.Table.LabelLimits = map[*catalog.Label]int{catalog.LabelCampaign: 1}
	s := newState(o)
	at := func(day int, later int64, event, id, more string) {
		m := on(day, event, id, more)
		m.Time = time.Date(2026, time.January, 1, 12, 0, 1, 0, time.UTC).AddDate(0, 0, day).UnixNano() + later
		s.Fold(m)
	}
	at(0, 0, "sent", "n", `"timezone":"UTC"`)
	for i := range 40 {
		at(30, 0, "sent", fmt.Sprint("b", i), `"timezone":"UTC"`)
	}
	at(30, 0, "sent", "old", `"campaignId":"old"`)
	at(30, 1, "sent", "new", `"campaignId":"new"`)
	at(30, 1, "delivered", "old", `"timezone":"UTC"`)
	got := values(s, catalog.CampaignStages, catalog.LabelCampaign)
	if diff := cmp.Diff(map[string]float64{"old": 2, "other": 1}, got); diff != "" {
		t.Errorf("stages by campaign (-want +got):\n%s", diff)
	}
}

// inherited holds the record of version 1 of one notification id.
type inherited struct {
	*state.Memory
	id     fold.ID
	day    int64
	window time.Duration
	record fold.Notification
}

func (r *inherited) Earlier(id fold.ID, now int64) *fold.Notification {
	if id == r.id && r.day >= fold.FirstLiveDay(now, r.window) {
		return &r.record
	}
	return nil
}

// A record of version 1 that a user's event continues lives as long again, and so do the
// values to which it refers.
func TestAnInheritedRecordKeepsItsValues(t *testing.T) {
	o := options()
	o.Table.LabelLimits = map[*catalog.Label]int{catalog.LabelCampaign: 1}
	before := newState(o)
	before.Fold(on(0, "sent", "x", `"campaignId":"old"`))
	image := before.Image()
	image.Table.Seen = nil
	began := time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC).UnixNano()
	r := &inherited{
		Memory: state.NewMemory(o.AttributionWindow), id: xxh3.HashString128("first").Bytes(),
		day: fold.Day(began), window: o.AttributionWindow,
		record: fold.Notification{
			Known: true, Sent: true, SentTime: began, SentAt: began, Newest: began, Stages: 1, Context: fold.NoContext,
			Provider: metrics.None, DeliveryProvider: metrics.None, SLOProvider: metrics.None,
		},
	}
	r.record.Context.Campaign = symbolOf(t, image, "old")
	s, err := fold.Restore(o, r, image)
	if err != nil {
		t.Fatal(err)
	}
	for day := 3; day <= 12; day += 3 {
		s.Fold(on(day, "sent", fmt.Sprint("k", day), `"timezone":"UTC"`))
		if day == 9 {
			s.Fold(on(day, "complained", "first", `"timezone":"UTC"`))
		}
	}
	s.Fold(on(15, "sent", "new", `"campaignId":"new"`))
	if got := values(s, catalog.CampaignStages, catalog.LabelCampaign); got["new"] != 0 || got["other"] != 1 {
		t.Errorf("stages by campaign: %v, want other for the new one: the old one is in a record", got)
	}
}

// symbolOf returns the symbol of a campaign in an image.
func symbolOf(t *testing.T, image *fold.Image, campaign string) metrics.Symbol {
	for _, names := range image.Table.Symbols {
		for i, name := range names {
			if name == campaign {
				return metrics.Symbol(i)
			}
		}
	}
	t.Fatalf("the image does not have the campaign %s", campaign)
	return metrics.None
}
