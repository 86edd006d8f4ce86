package settings

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"belfry/exporter/catalog"
	"belfry/exporter/strict"
)

// perLabels lists the labels that an objective may be split by.
var perLabels = []string{catalog.LabelChannel.Name, catalog.LabelCategory.Name, catalog.LabelProvider.Name}

func (c *check) objectives(slos []Objective) {
	names := map[string]string{}
	for i, o := range slos {
		path := fmt.Sprintf("slos[%d]", i)
		c.unique(path+".name", o.Name, names)
		if c.Needed(path+".name", "one lower-case word, such as receipts") && !oneWord.MatchString(o.Name) {
			c.Wrong(path+".name", "invalid name %q: use one word of lower-case letters, digits and underscores", o.Name)
		}
		if c.Needed(path+".title", "what people call it, in the middle of a sentence") && strings.TrimSpace(o.Title) == "" {
			c.Wrong(path+".title", "is empty: say what people call it, in the middle of a sentence")
		}
		if c.Needed(path+".objective", "the share that must be good, such as 0.995") {
			c.share(path+".objective", o.Objective)
		}
		if o.MinBad < 0 {
			c.Wrong(path+".min_bad", "%s is out of range: use a number of notifications", plain(o.MinBad))
		}
		c.counted(path, o)
	}
}

func (c *check) share(path string, share float64) {
	switch {
	case share > 1 && share < 100:
		c.Wrong(path, "%s is out of range: use a share between 0 and 1; did you mean %s?",
			plain(share), plain(math.Round(share*1e4)/1e6))
	case share <= 0 || share >= 1:
		c.Wrong(path, "%s is out of range: use a share between 0 and 1, such as 0.995", plain(share))
	}
}

// counted checks what the objective counts.
func (c *check) counted(path string, o Objective) {
	perKnown := o.Per == "" || c.OneOf(path+".per", "label", o.Per, perLabels)
	if c.Needed(path+".total", "what counts: {metric: …, match: {…}}") {
		c.selector(path+".total", o.Total, o.Per, perKnown)
	}
	hasGood, hasBad := c.Has(path+".good"), c.Has(path+".bad")
	switch {
	case hasGood && hasBad:
		c.Wrong(path+".bad", "good is set as well: use one of good and bad")
	case c.Unclear(path+".good") || c.Unclear(path+".bad"):
	case !hasGood && !hasBad:
		c.Wrong(path+".bad", "is missing: set good or bad")
	}
	if o.Good != nil {
		c.selector(path+".good", *o.Good, o.Per, perKnown)
	}
	if o.Bad != nil {
		c.selector(path+".bad", *o.Bad, o.Per, perKnown)
	}
}

func (c *check) selector(path string, s Selector, per string, perKnown bool) {
	if !c.Needed(path+".metric", "a counter that METRICS.md lists") {
		return
	}
	f := catalog.ByName(s.Metric)
	if f == nil || f.Kind != catalog.KindCounter {
		c.notACounter(path+".metric", s.Metric, f)
		return
	}
	CheckMatch(c.Document, path+".match", s.Match, f.Labels)
	if per != "" && perKnown && !slices.ContainsFunc(f.Labels, func(l *catalog.Label) bool { return l.Name == per }) {
		c.Wrong(path+".metric", "%s has no label %q, which the objective is split by", s.Metric, per)
	}
}

func (c *check) notACounter(path, name string, f *catalog.Family) {
	if f != nil {
		c.Wrong(path, "%s is a %s: use a counter", name, f.Kind)
		return
	}
	var counters []string
	for _, f := range catalog.All {
		if f.Kind == catalog.KindCounter {
			counters = append(counters, f.Name)
		}
	}
	c.Wrong(path, "%s (METRICS.md lists all)", strict.Unknown("counter", name, counters))
}
