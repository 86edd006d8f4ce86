package analytics

import (
	"fmt"
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/query"
)

// settle decides which channels or categories are published, and fills in the totals.
func (c *computation) settle(
	b breakdown, w, earlier *watch, narrow []string, series query.Table, before query.Vector,
) error {
	current, old := c.current().cellsOf(b, addUp(series)), c.previous().cellsOf(b, before)
	hidden := w.withheld(c.span)
	hiddenBefore := earlier.withheld(c.old)
	for _, value := range narrow {
		if hidden[value] {
			return errWithheld(fmt.Sprintf("%s is withheld, as all groups are that have %s; or ask for all", value,
				c.whyWithheld()))
		}
	}
	total := pair{now: c.sum(current, narrow), before: c.sum(old, narrow)}
	if people := total.now.people(); people > 0 && people < w.floor {
		return errWithheld(fmt.Sprintf("fewer than %d users: ask for more time", int(w.floor)))
	}
	if !c.mayRelease(earlier, total.before, narrow, hiddenBefore) {
		total.before = nil
		c.note("the period before is not published, since it is about fewer than %d users, or may not be cut there",
			int(w.floor))
	}
	a := c.answer
	a.TotalNotifications, a.Counts, a.Rates = total.count(catalog.StageSent), total.counts(), total.rates()
	a.Series = c.series(series, narrow, b)
	c.publish(b, c.release(b, c.narrow(b, current, hidden), c.narrow(b, old, hiddenBefore)), narrow)
	if b.rows[0] == catalog.LabelChannel {
		c.hidden, c.hiddenBefore = hidden, hiddenBefore
	}
	return nil
}

// mayRelease reports whether the total of the period before may be published.
func (c *computation) mayRelease(w *watch, total *stages, narrow []string, hidden map[string]bool) bool {
	if people := total.people(); people > 0 && people < w.floor {
		return false
	}
	shut := shutFor(w, narrow)
	return !shut(c.old.From) && !shut(c.old.To) &&
		!slices.ContainsFunc(narrow, func(value string) bool { return hidden[value] })
}

// sum adds up the cells that the request is narrowed to.
func (c *computation) sum(all cells, narrow []string) *stages {
	sum := new(stages)
	for name, s := range all {
		if len(narrow) == 0 || slices.ContainsFunc(narrow, func(v string) bool { return name == cellName(v, "") }) {
			sum.add(*s)
		}
	}
	return sum
}

// series returns the buckets of the total.
func (c *computation) series(t query.Table, narrow []string, b breakdown) []Bucket {
	sums := make([]stages, max(0, len(t.Edges)-1))
	for _, r := range t.Rows {
		stage, ok := stageOf(r.Labels)
		if !ok || len(narrow) > 0 && !slices.Contains(narrow, r.Labels.Of(b.rows[0])) {
			continue
		}
		for i, v := range r.Values {
			sums[i][stage] += v
		}
	}
	buckets := []Bucket{}
	for i, s := range sums {
		buckets = append(buckets, bucket(t.Edges[i], t.Edges[i+1], s))
	}
	return buckets
}

func bucket(from, to time.Time, s stages) Bucket {
	per := func(part, whole catalog.Stage) *float64 { return ratio(s[part], s[whole], "").value }
	return Bucket{
		Span: Span{from.UTC(), to.UTC()},
		Sent: s[catalog.StageSent], Delivered: s[catalog.StageDelivered], Failed: s[catalog.StageFailed],
		Bounced: s[catalog.StageBouncedHard] + s[catalog.StageBouncedSoft], Opened: s[catalog.StageOpened],
		Clicked: s[catalog.StageClicked], Converted: s[catalog.StageConverted], Engaged: s[catalog.StageEngaged],
		Complained: s[catalog.StageComplained], OptedOut: s[catalog.StageOptedOut],
		DeliveryRate:   per(catalog.StageDelivered, catalog.StageSent),
		OpenRate:       per(catalog.StageOpened, catalog.StageDelivered),
		ClickRate:      per(catalog.StageClicked, catalog.StageDelivered),
		ConversionRate: per(catalog.StageConverted, catalog.StageDelivered),
	}
}

// publish fills in the breakdown that the totals were read by.
func (c *computation) publish(b breakdown, r result, narrow []string) {
	if b.rows[0] == catalog.LabelCategory {
		c.answer.CategoryMetrics = categoriesOf(keep(r.rows, catalog.LabelCategory, narrow))
		return
	}
	for _, one := range keep(r.rows, catalog.LabelChannel, narrow) {
		c.answer.ChannelMetrics = append(c.answer.ChannelMetrics, Channel{
			Channel: one.labels.Of(catalog.LabelChannel), Volume: one.count(catalog.StageSent),
			Counts: one.counts(), Rates: one.rates(), Cost: []Money{}, Revenue: []Money{},
		})
	}
	if len(narrow) == 0 {
		c.withheld("channel_metrics", r)
	}
}

// keep returns the rows that the request is narrowed to.
func keep(rows []row, label *catalog.Label, narrow []string) []row {
	return slices.DeleteFunc(rows, func(r row) bool {
		return len(narrow) > 0 && !slices.Contains(narrow, r.labels.Of(label))
	})
}

func categoriesOf(rows []row) []Category {
	all := []Category{}
	for _, r := range rows {
		all = append(all, Category{r.labels.Of(catalog.LabelCategory), r.count(catalog.StageSent), r.counts(), r.rates()})
	}
	return all
}
