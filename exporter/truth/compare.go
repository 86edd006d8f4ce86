package truth

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

// Difference describes one figure on which an exposition and the truth differ.
type Difference struct {
	// Family names the family, with _count, _sum or _bucket for that part of a
	// histogram or summary.
	Family string
	// Labels holds the labels in braces, as in an exposition, without partition.
	Labels string
	// Want comes from the truth and Got from the exposition; an absent value is
	// "nothing".
	Want, Got string
}

// String writes the difference in one line.
func (d Difference) String() string {
	return fmt.Sprintf("%s%s: want %s, got %s", d.Family, d.Labels, d.Want, d.Got)
}

const nothing = "nothing"

// tolerance bounds, as a ratio, how far sums may be apart: they are added up in
// another order.
const tolerance = 1e-9

// Compare compares an exposition with the truth, in both directions and family
// by family: what the truth has must be shown, and what is shown of a family
// that the truth covers must be in the truth, unless it is a counter at zero.
// Counters, histograms and the numbers of users are summed over partitions; any
// other gauge must be right in each partition that shows it. Counts are exact,
// sums and money within 1e-9 of their value. Classic buckets are compared unless
// the truth comes from a file. An optional family may be missing as a whole: the
// exporter may not count it. The result is sorted; nil means that they agree.
func (t *Truth) Compare(shown []*dto.MetricFamily) []Difference {
	byName := map[string]*dto.MetricFamily{}
	for _, f := range shown {
		byName[f.GetName()] = f
	}
	var all []Difference
	want := t.books()
	for _, f := range want.families() {
		if f.Optional && byName[f.Name] == nil {
			continue
		}
		c := comparison{family: f, want: want[f.Index()], got: map[labelSet]*figure{}}
		c.read(byName[f.Name])
		c.compare()
		slices.SortFunc(c.differences, func(a, b Difference) int {
			return cmp.Or(cmp.Compare(a.Labels, b.Labels), cmp.Compare(a.Family, b.Family), cmp.Compare(a.Got, b.Got))
		})
		all = append(all, c.differences...)
	}
	return all
}

// comparison compares one family.
type comparison struct {
	family      *catalog.Family
	want, got   map[labelSet]*figure
	differences []Difference
}

func (c *comparison) note(part string, set labelSet, want, got string, more ...string) {
	c.differences = append(c.differences, Difference{
		Family: c.family.Name + part, Labels: c.braces(set, more...), Want: want, Got: got,
	})
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

// compareSet compares one label set. An absent counter equals a zero one; an
// absent gauge does not.
func (c *comparison) compareSet(set labelSet, want, got *figure) {
	if c.family.Kind == catalog.KindGauge {
		c.compareGauge(set, want, got)
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
	c.compareBuckets(set, w.buckets, g.buckets)
}

// compareGauge compares one label set of a gauge. The numbers of users start at
// zero, so a zero there may be absent from the truth.
func (c *comparison) compareGauge(set labelSet, want, got *figure) {
	switch {
	case want == nil && countsUsers(c.family) && got.value == 0:
	case want == nil || got == nil || !near(want.value, got.value):
		c.note("", set, shownValue(want), shownValue(got))
	}
}

func (c *comparison) compareBuckets(set labelSet, want, got []uint64) {
	for i, w := range want {
		g := uint64(0)
		if got != nil {
			g = got[i]
		}
		if w != g {
			le := fmt.Sprintf("le=%q", number(c.family.Buckets[i]))
			c.note("_bucket", set, strconv.FormatUint(w, 10), strconv.FormatUint(g, 10), le)
		}
	}
}

// countsUsers reports whether the family is a gauge that must be summed over
// partitions. Each user is in one partition only.
func countsUsers(f *catalog.Family) bool {
	return f == catalog.Users.Family || f == catalog.ActiveUsers.Family
}

// isMoney reports whether the value is a sum of money and not a count. Moments of
// an experiment are money if they hold y of the outcome value.
func (c *comparison) isMoney(set labelSet) bool {
	if c.family == catalog.ExperimentMoments.Family {
		return set[2] == "value" && strings.Contains(set[3], "y")
	}
	return c.family.Unit == catalog.UnitMoney
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

// braces writes a label set, followed by more labels, as an exposition does.
func (c *comparison) braces(set labelSet, more ...string) string {
	var pairs []string
	for i, l := range c.family.Labels {
		pairs = append(pairs, fmt.Sprintf("%s=%q", l.Name, set[i]))
	}
	return "{" + strings.Join(append(pairs, more...), ",") + "}"
}
