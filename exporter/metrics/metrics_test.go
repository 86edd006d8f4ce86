package metrics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/testing/protocmp"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

func families(t *metrics.Table, now int64) map[string]*dto.MetricFamily {
	byName := map[string]*dto.MetricFamily{}
	parts := []metrics.Part{{Partition: "0", Snapshot: t.Snapshot(), Now: now}}
	for _, f := range new(metrics.Exposition).Families(parts) {
		byName[f.GetName()] = f
	}
	return byName
}

// Classic and native buckets agree with those of client_golang, bucket by bucket.
func TestHistogramsAgreeWithClientGolang(t *testing.T) {
	table := metrics.NewTable(metrics.Options{})
	ours := table.Histogram(catalog.ServiceDuration)
	service := table.Label(catalog.LabelService).Of("ses")
	theirs := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "x", Buckets: catalog.ServiceDuration.Buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramZeroThreshold: 1.0 / (1 << 20),
	})
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 20_000 {
		v := math.Exp(random.NormFloat64()*3 - 2)
		if i%100 == 0 {
			v = float64(i%7) / 4 // exact bounds, and zero
		}
		ours.Observe(v, service)
		theirs.Observe(v)
	}
	var want dto.Metric
	if err := theirs.Write(&want); err != nil {
		t.Fatal(err)
	}
	got := families(table, 0)[catalog.ServiceDuration.Name].Metric[0].Histogram
	if diff := cmp.Diff(nativeBuckets(want.Histogram), nativeBuckets(got)); diff != "" {
		t.Errorf("native buckets (-client_golang +ours):\n%s", diff)
	}
	for _, h := range []*dto.Histogram{got, want.Histogram} {
		h.CreatedTimestamp, h.PositiveSpan, h.PositiveDelta = nil, nil, nil
	}
	if diff := cmp.Diff(want.Histogram, got, protocmp.Transform()); diff != "" {
		t.Errorf("histogram (-client_golang +ours):\n%s", diff)
	}
}

// nativeBuckets returns the count of each bucket, by index, without empty ones,
// with which encoders may bridge small gaps.
func nativeBuckets(h *dto.Histogram) map[int32]int64 {
	buckets, index, count, delta := map[int32]int64{}, int32(0), int64(0), 0
	for _, span := range h.PositiveSpan {
		index += span.GetOffset()
		for range span.GetLength() {
			count += h.PositiveDelta[delta]
			if count != 0 {
				buckets[index] = count
			}
			index, delta = index+1, delta+1
		}
	}
	return buckets
}

func TestLabelValuesAreBounded(t *testing.T) {
	table := metrics.NewTable(metrics.Options{LabelLimits: map[*catalog.Label]int{catalog.LabelCampaign: 3}})
	campaigns, email := table.Label(catalog.LabelCampaign), table.Label(catalog.LabelChannel).Of("email")
	for i := range 100_000 {
		c := campaigns.Of(fmt.Sprintf("cmp_%d", i))
		table.Counter(catalog.CampaignStages).Add(1, metrics.Symbol(catalog.StageSent), c, email)
	}
	values := map[string]float64{}
	for _, m := range families(table, 0)[catalog.CampaignStages.Name].Metric {
		values[m.Label[0].GetValue()] = m.Counter.GetValue()
	}
	want := map[string]float64{"cmp_0": 1, "cmp_1": 1, "cmp_2": 1, "other": 99_997}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("campaigns (-want +got):\n%s", diff)
	}
	overflow := families(table, 0)[catalog.LabelOverflow.Name].Metric
	if len(overflow) != 1 || overflow[0].Counter.GetValue() != 99_997 {
		t.Errorf("overflow %v, want one series of 99997", overflow)
	}
}

// A family never shows more sets than its limit, and loses no count. The limit leaves
// room for all combinations of the closed labels.
func TestLabelSetsAreBounded(t *testing.T) {
	const limit = 2000
	table := metrics.NewTable(metrics.Options{SetLimits: map[*catalog.Family]int{catalog.Stages.Family: limit}})
	categories, providers := table.Label(catalog.LabelCategory), table.Label(catalog.LabelProvider)
	random := rand.New(rand.NewPCG(3, 4))
	const total = 50_000
	pick := func(l *catalog.Label) metrics.Symbol { return metrics.Symbol(random.IntN(len(l.Values))) }
	for range total {
		stage, channel, priority := pick(catalog.LabelStage), pick(catalog.LabelChannel), pick(catalog.LabelPriority)
		category := categories.Of(fmt.Sprint("c", random.IntN(30)))
		provider := providers.Of(fmt.Sprint("p", random.IntN(40)))
		table.Counter(catalog.Stages).Add(1, stage, channel, category, priority, provider)
	}
	series, sum := families(table, 0)[catalog.Stages.Name].Metric, 0.0
	for _, m := range series {
		sum += m.Counter.GetValue()
	}
	if len(series) > limit {
		t.Errorf("%d series, limit %d", len(series), limit)
	}
	if sum != total {
		t.Errorf("the series add up to %v, want %d", sum, total)
	}
}

func TestUnfitValuesBecomeOther(t *testing.T) {
	table := metrics.NewTable(metrics.Options{})
	category := table.Label(catalog.LabelCategory)
	for _, value := range []string{
		"ann@example.com", "https://x.example", "a\x00b", "line\nbreak", strings.Repeat("x", 129),
	} {
		if got := category.Name(category.Of(value)); got != catalog.Other {
			t.Errorf("category %q is shown as %q", value, got)
		}
	}
	for _, value := range []string{"transactional", "Bestätigung", strings.Repeat("x", 128)} {
		if got := category.Name(category.Of(value)); got != value {
			t.Errorf("category %q is shown as %q", value, got)
		}
	}
}

// Characters that nobody sees do not reach a series, and two values that look the same
// do not become one. A series of an earlier version goes on with its value.
func TestHiddenCharactersAreEscaped(t *testing.T) {
	const turned, shown = "sale\u202egnp.exe\u200b", `sale\u202egnp.exe\u200b`
	before := metrics.NewTable(metrics.Options{})
	campaigns := before.Label(catalog.LabelCampaign)
	for _, value := range []string{turned, shown, turned} {
		if got := campaigns.Name(campaigns.Of(value)); got != shown {
			t.Errorf("campaign %q is shown as %q", value, got)
		}
	}
	if plain := campaigns.Of("sale"); campaigns.Name(plain) != "sale" {
		t.Errorf("sale is shown as %q", campaigns.Name(plain))
	}
	email := before.Label(catalog.LabelChannel).Of("email")
	before.Counter(catalog.CampaignStages).Add(3, metrics.Symbol(catalog.StageSent), campaigns.Of(turned), email)
	image := before.Image()
	for id, names := range image.Symbols {
		if i := slices.Index(names, shown); i >= 0 {
			image.Symbols[id] = slices.Replace(slices.Clone(names), i, i+1, turned) // as an earlier version had it
		}
	}
	table := metrics.NewTable(metrics.Options{})
	if err := table.Restore(image); err != nil {
		t.Fatal(err)
	}
	campaign := table.Label(catalog.LabelCampaign).Of(turned)
	table.Counter(catalog.CampaignStages).Add(1, metrics.Symbol(catalog.StageSent), campaign, email)
	series := families(table, 0)[catalog.CampaignStages.Name].Metric
	if len(series) != 1 || series[0].Label[0].GetValue() != shown || series[0].Counter.GetValue() != 4 {
		t.Errorf("after a restart: %v", series)
	}
}

func TestASnapshotDoesNotChange(t *testing.T) {
	table := metrics.NewTable(metrics.Options{})
	service := table.Label(catalog.LabelService).Of("ses")
	table.Histogram(catalog.ServiceDuration).Observe(0.3, service)
	table.Counter(catalog.ServiceRequests).Add(1, service, 0)
	parts := []metrics.Part{{Partition: "0", Snapshot: table.Snapshot()}}
	before := new(metrics.Exposition).Families(parts)
	for i := range 1000 {
		table.Histogram(catalog.ServiceDuration).Observe(float64(i)/10, service)
		table.Counter(catalog.ServiceRequests).Add(1, table.Label(catalog.LabelService).Of(fmt.Sprint(i%40)), 1)
	}
	after := new(metrics.Exposition).Families(parts)
	if diff := cmp.Diff(before, after, protocmp.Transform()); diff != "" {
		t.Errorf("the snapshot changed:\n%s", diff)
	}
}

// After the counters of a partition start over, its series are in another order
// than the exposition has cached.
func TestAnotherTableHasItsOwnLabels(t *testing.T) {
	var exposition metrics.Exposition
	for _, service := range []string{"ses", "twilio"} {
		table := metrics.NewTable(metrics.Options{})
		table.Counter(catalog.ServiceRequests).Add(1, table.Label(catalog.LabelService).Of(service), 0)
		parts := []metrics.Part{{Partition: "0", Snapshot: table.Snapshot()}}
		want := new(metrics.Exposition).Families(parts)
		if diff := cmp.Diff(want, exposition.Families(parts), protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", service, diff)
		}
	}
}

// Series that are not released show 0, whatever their kind.
func TestSeriesThatAreHeldShowZero(t *testing.T) {
	table := metrics.NewTable(metrics.Options{})
	for _, name := range []string{"ses", "twilio"} {
		service := table.Label(catalog.LabelService).Of(name)
		table.Histogram(catalog.ServiceDuration).Observe(0.3, service)
		table.Counter(catalog.ServiceRequests).Add(1, service, 0)
	}
	part := metrics.Part{Snapshot: table.Snapshot(), Released: func(*catalog.Family, int) int { return 1 }}
	for _, f := range new(metrics.Exposition).Families([]metrics.Part{part}) {
		for i, want := range []float64{1, 0} {
			if got := f.Metric[i].Counter.GetValue() + float64(f.Metric[i].Histogram.GetSampleCount()); got != want {
				t.Errorf("%s: series %d shows %v, want %v", f.GetName(), i, got, want)
			}
		}
		if h := f.Metric[1].Histogram; h != nil && (h.GetSampleSum() != 0 || len(h.PositiveDelta) != 0) {
			t.Errorf("a histogram that is held shows %v", h)
		}
	}
}

func TestHealthGaugesExpire(t *testing.T) {
	table := metrics.NewTable(metrics.Options{})
	queue := table.Label(catalog.LabelQueue).Of("email")
	table.SetTime(1000)
	table.Gauge(catalog.QueueMessages).Set(7, queue)
	if families(table, 1000+int64(metrics.StaleAfter))[catalog.QueueMessages.Name] == nil {
		t.Error("the gauge is gone before its time")
	}
	if f := families(table, 1001+int64(metrics.StaleAfter))[catalog.QueueMessages.Name]; f != nil {
		t.Errorf("the gauge is still there: %v", f)
	}
}

func TestSeriesHaveTheStreamTimeAsCreatedTimestamp(t *testing.T) {
	table := metrics.NewTable(metrics.Options{})
	table.SetTime(1_700_000_000_500_000_000)
	table.Counter(catalog.EventsDuplicate).Init()
	table.SetTime(1_800_000_000_000_000_000)
	table.Counter(catalog.EventsDuplicate).Add(1)
	created := families(table, 0)[catalog.EventsDuplicate.Name].Metric[0].Counter.CreatedTimestamp
	if created.Seconds != 1_700_000_000 || created.Nanos != 500_000_000 {
		t.Errorf("created %v", created)
	}
}

// A configuration that adds channels puts them after those of the catalogue. When the
// catalogue gains one, a stored table still means the same.
func TestRestoreKeepsTheMeaningOfChannels(t *testing.T) {
	options := metrics.Options{Known: map[*catalog.Label][]string{catalog.LabelChannel: {"fax", "pigeon"}}}
	before := metrics.NewTable(options)
	before.Counter(catalog.PreferenceChangesTotal).Add(3, before.Label(catalog.LabelChannel).Of("pigeon"), 0, 0)
	image := before.Image()
	const id = "notification_events_total.channel"
	stored := slices.DeleteFunc(slices.Clone(image.Symbols[id]), func(name string) bool { return name == "other" })
	pigeon := metrics.Symbol(slices.Index(stored, "pigeon"))
	image.Symbols[id], image.Families[catalog.PreferenceChangesTotal.Name].Keys[0][0] = stored, pigeon

	table := metrics.NewTable(options)
	if err := table.Restore(image); err != nil {
		t.Fatal(err)
	}
	channels := table.Label(catalog.LabelChannel)
	if got := channels.Of("pigeon"); got != pigeon {
		t.Errorf("pigeon was %d, is %d", pigeon, got)
	}
	if other := channels.Of("other"); other != channels.Other || channels.Name(other) != "other" {
		t.Errorf("other is %d, named %q", other, channels.Name(other))
	}
	if m := families(table, 0)[catalog.PreferenceChangesTotal.Name].Metric[0]; m.Label[2].GetValue() != "pigeon" {
		t.Errorf("a series of pigeon became %v", m.Label)
	}
	less := metrics.NewTable(metrics.Options{Known: map[*catalog.Label][]string{catalog.LabelChannel: {"fax"}}})
	if err := less.Restore(image); err == nil {
		t.Error("a channel that is gone was accepted")
	}
}

// A limit beyond what symbols can number admits as many values as they can, each its
// own.
func TestLimitBeyondSymbols(t *testing.T) {
	table := metrics.NewTable(metrics.Options{
		LabelLimits: map[*catalog.Label]int{catalog.LabelProvider: math.MaxInt},
	})
	providers := table.Label(catalog.LabelProvider)
	seen := map[metrics.Symbol]bool{}
	for i := range 70_000 {
		symbol := providers.Of(fmt.Sprint(i))
		if symbol != providers.Other && seen[symbol] {
			t.Fatalf("value %d has the symbol of another one", i)
		}
		seen[symbol] = true
	}
	if len(seen) < 65_000 || seen[metrics.None] {
		t.Errorf("%d symbols, none among them: %v", len(seen), seen[metrics.None])
	}
}
