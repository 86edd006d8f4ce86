// Package catalog lists every metric that Belfry exposes as a typed Go value: its
// name, help, unit, labels, limits and the question it answers.
//
// Everything else imports these values instead of typing a name: the exporter
// registers and folds from them, rules/expr builds PromQL from them, dashboards,
// alerts and insights select them. Counter, Gauge, Histogram and Summary are
// different types, so the rate of a gauge does not compile, and renaming a family
// turns all of its users red.
//
// The catalogue also carries the cardinality budget. A label is either closed, with
// a known set of values, or free with a limit. A family has a limit on the label
// sets that it admits. WorstCase multiplies them out, and a test compares the sum
// with Budget.
//
// To add a metric, declare it in the group of the question that it answers, count
// it in exporter/fold and exporter/truth, and run `belfry generate`.
package catalog

import "fmt"

// Budget limits the time series that one partition may expose when every limit of
// the catalogue is exhausted.
const Budget = 104_000

// Kind names the type of a family's values, as the exposition format does.
type Kind uint8

// The kinds of family.
const (
	KindCounter Kind = iota
	KindGauge
	KindHistogram
	KindSummary
)

// String returns the kind as METRICS.md and the exposition format spell it.
func (k Kind) String() string {
	return [...]string{"counter", "gauge", "histogram", "summary"}[k]
}

// Source says which program exposes a family and from what its values derive.
type Source uint8

// The sources of a family.
const (
	// Fold families depend on the stream alone and carry the label partition.
	Fold Source = iota
	// Quality families count what is wrong with events. They too depend on the stream
	// alone and carry the label partition.
	Quality
	// Partition families describe the reader of one partition. They carry the label
	// partition but do not derive from the stream.
	Partition
	// Process families describe one exporter process.
	Process
	// Configured families repeat the configuration as series.
	Configured
	// Alerting families are exposed by `belfry alerts serve`.
	Alerting
	// Insights families are exposed by `belfry insights serve`.
	Insights
)

// String names the source for the generated reference.
func (s Source) String() string {
	return [...]string{"fold", "event quality", "partition", "process", "configuration", "alerts", "insights"}[s]
}

// PerPartition reports whether families of the source carry the label partition.
func (s Source) PerPartition() bool { return s == Fold || s == Quality || s == Partition }

// Family holds what all kinds of metric have in common. Read it through Counter,
// Gauge, Histogram or Summary, and do not change it.
type Family struct {
	// Name holds the full exposition name, with its unit and, for counters, _total.
	Name string
	// Help holds the text of the HELP line: one sentence without a full stop.
	Help string
	// Kind says which type the values have.
	Kind Kind
	// Unit says in what the values are measured.
	Unit Unit
	// Source says who exposes the family.
	Source Source
	// Labels lists the family's own labels in the order of their values. Source implies
	// the label partition, which is not listed.
	Labels []*Label
	// Sets limits the label sets that one partition admits. Past it the free labels of
	// a new set become Other.
	Sets int
	// Buckets lists the upper bounds of the classic buckets in seconds, ascending,
	// without +Inf. It is nil unless Kind is KindHistogram.
	Buckets []float64
	// Expires marks gauges that leave the exposition once their source has been silent
	// for a while.
	Expires bool
	// Optional marks families that are counted only if the exporter's configuration
	// lists them, because of the series that they cost.
	Optional bool
	// Question holds the heading of the reference under which the family appears.
	Question string

	index int
}

// Index returns the family's position in All, stable within one build.
func (f *Family) Index() int { return f.index }

// Desc returns the family itself, so that every kind satisfies Metric.
func (f *Family) Desc() *Family { return f }

// Has reports whether the family carries the label, partition included.
func (f *Family) Has(l *Label) bool {
	if l == LabelPartition {
		return f.Source.PerPartition()
	}
	for _, own := range f.Labels {
		if own == l {
			return true
		}
	}
	return false
}

// SumsAmounts reports whether a counter adds up amounts of money, which have
// fractions, and not whole numbers. One outcome of an experiment is an amount.
func (f *Family) SumsAmounts() bool {
	return f.Kind == KindCounter && (f.Unit == UnitMoney || f == ExperimentMoments.Family)
}

// SeriesPerSet returns how many time series a Prometheus that scrapes classic and
// native histograms stores for one label set: 1 for counters and gauges, sum and
// count for a summary without quantiles, and for a histogram its classic buckets with
// +Inf, sum, count and the native series.
func (f *Family) SeriesPerSet() int {
	switch f.Kind {
	case KindHistogram:
		return len(f.Buckets) + 1 + 2 + 1
	case KindSummary:
		return 2
	default:
		return 1
	}
}

// WorstCase returns the number of series of the family when its limit is exhausted, in
// one partition, or in one process if it does not carry the label partition.
func (f *Family) WorstCase() int { return f.Sets * f.SeriesPerSet() }

// Metric stands for any family of the catalogue.
type Metric interface{ Desc() *Family }

// Counter marks a family whose values only grow.
type Counter struct{ *Family }

// Gauge marks a family whose values go up and down.
type Gauge struct{ *Family }

// Histogram marks a family of observations, exposed with classic and native buckets.
type Histogram struct{ *Family }

// Summary marks a family of observations, exposed as sum and count only.
type Summary struct{ *Family }

// All lists every family in the order of the reference, grouped by question.
var All []*Family

// Optional lists the families that are off by default.
func Optional() (families []*Family) {
	for _, f := range All {
		if f.Optional {
			families = append(families, f)
		}
	}
	return families
}

// ByName returns the family of an exposition name, nil if there is none.
func ByName(name string) *Family { return byName[name] }

var byName = map[string]*Family{}

// group registers families under the question that they answer, in order.
type group struct {
	question string
	source   Source
	expires  bool // gauges only
	optional bool
	unit     Unit
}

// in returns the group with another unit for the families that it registers.
func (g group) in(unit Unit) group {
	g.unit = unit
	return g
}

// optionally returns the group for families that are off by default.
func (g group) optionally() group {
	g.optional = true
	return g
}

func (g group) add(kind Kind, name, help string, sets int, buckets []float64, labels []*Label) *Family {
	if byName[name] != nil {
		panic(fmt.Sprintf("catalog: %s is listed twice", name))
	}
	if product := setsOf(labels); sets == 0 || sets > product {
		sets = product
	}
	f := &Family{
		Name: name, Help: help, Kind: kind, Unit: g.unit, Source: g.source, Question: g.question,
		Labels: labels, Sets: sets, Buckets: buckets, Expires: g.expires && kind == KindGauge,
		Optional: g.optional, index: len(All),
	}
	All = append(All, f)
	byName[name] = f
	return f
}

// setsOf returns the number of label sets that the labels' own limits allow.
func setsOf(labels []*Label) int {
	product := 1
	for _, l := range labels {
		product *= l.Cardinality()
	}
	return product
}

func (g group) counter(name, help string, sets int, labels ...*Label) Counter {
	return Counter{g.add(KindCounter, name, help, sets, nil, labels)}
}

func (g group) gauge(name, help string, sets int, labels ...*Label) Gauge {
	return Gauge{g.add(KindGauge, name, help, sets, nil, labels)}
}

// histogram registers a family of durations. Its buckets are in seconds.
func (g group) histogram(name, help string, sets int, buckets []float64, labels ...*Label) Histogram {
	return Histogram{g.in(UnitSeconds).add(KindHistogram, name, help, sets, buckets, labels)}
}

// summary registers a family of durations.
func (g group) summary(name, help string, sets int, labels ...*Label) Summary {
	return Summary{g.in(UnitSeconds).add(KindSummary, name, help, sets, nil, labels)}
}
