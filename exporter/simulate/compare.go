package simulate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/catalog"
)

// Difference is one figure on which an exposition and the truth differ.
type Difference struct {
	// Family is the name of the family, with _count or _sum for that part of a
	// histogram or summary.
	Family string
	// Labels are as in an exposition, in braces, without partition.
	Labels string
	// Want is the truth and Got the exposition; what is absent is "nothing".
	Want, Got string
}

// String writes the difference in one line.
func (d Difference) String() string {
	return fmt.Sprintf("%s%s: want %s, got %s", d.Family, d.Labels, d.Want, d.Got)
}

const nothing = "nothing"

// tolerance is how far sums may be apart, as a ratio: they are added up in
// another order.
const tolerance = 1e-9

// Compare holds an exposition against the truth, in both directions and family
// by family: what the truth has must be shown, and what is shown of a family
// that the truth covers must be in the truth, unless it is zero. Counters,
// histograms and the numbers of users are summed over partitions; any other
// gauge must be right in each partition that shows it. Counts are exact, sums
// and money within 1e-9 of their value. The result is sorted; nil means that
// they agree.
func (t *Truth) Compare(exposition []*dto.MetricFamily) []Difference {
	shown := map[string]*dto.MetricFamily{}
	for _, f := range exposition {
		shown[f.GetName()] = f
	}
	var all []Difference
	books := t.books()
	for _, f := range books.families() {
		c := comparison{family: f, want: books[f.Index()], got: map[labelSet]*figure{}}
		c.read(shown[f.Name])
		c.compare()
		slices.SortFunc(c.differences, func(a, b Difference) int {
			return cmp.Or(cmp.Compare(a.Labels, b.Labels), cmp.Compare(a.Family, b.Family), cmp.Compare(a.Got, b.Got))
		})
		all = append(all, c.differences...)
	}
	return all
}

// Size is how many series, label sets of histograms counted once, of how many
// families the truth has something to say about.
func (t *Truth) Size() (series, families int) {
	books := t.books()
	for _, f := range books.families() {
		series, families = series+len(books.sets(f)), families+1
	}
	return series, families
}

// comparison compares one family.
type comparison struct {
	family      *catalog.Family
	want, got   map[labelSet]*figure
	differences []Difference
}

func (c *comparison) note(part string, set labelSet, want, got string) {
	c.differences = append(c.differences, Difference{Family: c.family.Name + part, Labels: c.braces(set), Want: want, Got: got})
}

// read sums the family over its partitions.
func (c *comparison) read(shown *dto.MetricFamily) {
	for _, m := range shown.GetMetric() {
		set, ok := c.set(m)
		if !ok {
			continue
		}
		v := figureOf(m)
		if known := c.got[set]; known == nil {
			c.got[set] = &v
		} else if c.family.Kind == catalog.KindGauge && !countsUsers(c.family) {
			c.agree(set, known, v)
		} else {
			known.value, known.count, known.sum = known.value+v.value, known.count+v.count, known.sum+v.sum
		}
	}
}

// agree holds what one more partition shows of a gauge against what the first
// one shows. One of them is compared with the truth; that they differ is a
// difference of its own.
func (c *comparison) agree(set labelSet, first *figure, v figure) {
	if !near(first.value, v.value) {
		c.note("", set, number(first.value)+" in all partitions", number(v.value))
	}
}

// set is the label values of a series in the order of the catalogue, without
// partition. Labels that the family does not have are a difference.
func (c *comparison) set(m *dto.Metric) (set labelSet, ok bool) {
	for _, pair := range m.GetLabel() {
		i := slices.IndexFunc(c.family.Labels, func(l *catalog.Label) bool { return l.Name == pair.GetName() })
		switch {
		case i >= 0:
			set[i] = pair.GetValue()
		case pair.GetName() != catalog.LabelPartition.Name:
			c.differences = append(c.differences, Difference{
				Family: c.family.Name, Labels: fmt.Sprintf("{%s=%q}", pair.GetName(), pair.GetValue()),
				Want: "no such label", Got: "a series with it",
			})
			return set, false
		}
	}
	return set, true
}

func figureOf(m *dto.Metric) figure {
	switch {
	case m.Histogram != nil:
		return figure{count: m.GetHistogram().GetSampleCount(), sum: m.GetHistogram().GetSampleSum()}
	case m.Summary != nil:
		return figure{count: m.GetSummary().GetSampleCount(), sum: m.GetSummary().GetSampleSum()}
	case m.Gauge != nil:
		return figure{value: m.GetGauge().GetValue()}
	case m.Counter != nil:
		return figure{value: m.GetCounter().GetValue()}
	default:
		return figure{value: m.GetUntyped().GetValue()}
	}
}

// compare goes through both sides.
func (c *comparison) compare() {
	for set, want := range c.want {
		c.compareSet(set, want, c.got[set])
	}
	for set, got := range c.got {
		if c.want[set] == nil {
			c.compareSet(set, nil, got)
		}
	}
}

// compareSet compares one label set. Absent and zero are the same, except that
// a gauge of zero says something.
func (c *comparison) compareSet(set labelSet, want, got *figure) {
	if c.family.Kind == catalog.KindGauge {
		if want == nil && got.value == 0 {
			return
		}
		if want == nil || got == nil || !near(want.value, got.value) {
			c.note("", set, shownValue(want), shownValue(got))
		}
		return
	}
	w, g := figure{}, figure{}
	if want != nil {
		w = *want
	}
	if got != nil {
		g = *got
	}
	if w.count != g.count {
		c.note("_count", set, strconv.FormatUint(w.count, 10), strconv.FormatUint(g.count, 10))
	}
	if !near(w.sum, g.sum) {
		c.note("_sum", set, number(w.sum), number(g.sum))
	}
	if w.value != g.value && !(c.isMoney(set) && near(w.value, g.value)) {
		c.note("", set, shownValue(want), shownValue(got))
	}
}

// countsUsers reports whether the family is a gauge of which each partition
// shows a part: nobody is in two of them.
func countsUsers(f *catalog.Family) bool {
	return f == catalog.Users.Family || f == catalog.ActiveUsers.Family
}

// isMoney reports whether the value is a sum of money and not a count. The
// moments of an experiment are, where y is a value.
func (c *comparison) isMoney(set labelSet) bool {
	if c.family == catalog.ExperimentMoments.Family {
		return set[2] == "value" && strings.Contains(set[3], "y")
	}
	return c.family.Has(catalog.LabelCurrency)
}

func near(a, b float64) bool {
	return a == b || math.Abs(a-b) <= tolerance*max(math.Abs(a), math.Abs(b))
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func shownValue(f *figure) string {
	if f == nil {
		return nothing
	}
	return number(f.value)
}

// braces writes a label set as an exposition does.
func (c *comparison) braces(set labelSet) string {
	var pairs []string
	for i, l := range c.family.Labels {
		pairs = append(pairs, fmt.Sprintf("%s=%q", l.Name, set[i]))
	}
	return "{" + strings.Join(pairs, ",") + "}"
}
