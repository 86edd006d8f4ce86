package rules

import (
	"fmt"
	"slices"

	"belfry/exporter/catalog"
	"belfry/exporter/strict"
)

// perLabels are the labels that an objective may be held for each value of.
var perLabels = []*catalog.Label{catalog.LabelChannel, catalog.LabelCategory, catalog.LabelProvider}

func (c *check) objectives(slos []Objective) {
	names := map[string]string{}
	for i, o := range slos {
		path := fmt.Sprintf("slos[%d]", i)
		c.unique(path+".name", o.Name, names)
		c.objectiveName(path+".name", o.Name)
		c.Needed(path+".title", "what people call it, in the middle of a sentence")
		c.OneOf(path+".team", "team", o.Team, c.knownTeams())
		if c.Needed(path+".objective", "the share that must be good, such as 0.995") {
			c.objectiveShare(path+".objective", o.Objective)
		}
		if o.MinBad < 0 {
			c.Wrong(path+".min_bad", "%s is out of range: want a number of notifications", plain(o.MinBad))
		}
		c.counted(path, o)
	}
}

func (c *check) objectiveName(path, name string) {
	if !c.Needed(path, "one lower-case word, such as receipts") {
		return
	}
	if !wordName.MatchString(name) {
		c.Wrong(path, "%q is no name: want one word of lower-case letters, digits and underscores", name)
	}
	if slices.Contains(shippedObjectives, name) {
		c.Wrong(path, "%q is a shipped objective; name it otherwise", name)
	}
}

// shippedObjectives are the names that are taken.
var shippedObjectives = []string{DeliverySLO.Name, LatencySLO(1).Name, FreshnessSLO.Name}

// ObjectiveNames are the names of the objectives in force: the shipped ones and
// the installation's own.
func (s *Settings) ObjectiveNames() []string {
	names := slices.Clone(shippedObjectives)
	for _, o := range s.SLOs {
		names = append(names, o.Name)
	}
	return names
}

func (c *check) objectiveShare(path string, share float64) {
	switch {
	case share > 1 && share < 100:
		c.Wrong(path, "%s is out of range: want a share between 0 and 1; did you mean %s?", plain(share), plain(rounded(share/100)))
	case share <= 0 || share >= 1:
		c.Wrong(path, "%s is out of range: want a share between 0 and 1, such as 0.995", plain(share))
	}
}

// counted judges what the objective counts.
func (c *check) counted(path string, o Objective) {
	var per []string
	for _, l := range perLabels {
		per = append(per, l.Name)
	}
	perKnown := o.Per == "" || c.OneOf(path+".per", "label", o.Per, per)
	if c.Needed(path+".total", "what is judged: {metric: …, match: {…}}") {
		c.selector(path+".total", o.Total, o.Per, perKnown)
	}
	hasGood, hasBad := c.Has(path+".good"), c.Has(path+".bad")
	switch {
	case hasGood && hasBad:
		c.Wrong(path+".bad", "there is a good as well; want exactly one of good and bad")
	case !hasGood && !hasBad:
		c.Wrong(path+".bad", "is missing: want exactly one of good and bad")
	}
	if o.Good != nil {
		c.selector(path+".good", *o.Good, o.Per, perKnown)
	}
	if o.Bad != nil {
		c.selector(path+".bad", *o.Bad, o.Per, perKnown)
	}
}

// selector judges a selection of a counter's series.
func (c *check) selector(path string, s Selector, per string, perKnown bool) {
	if !c.Needed(path+".metric", "a counter of METRICS.md") {
		return
	}
	f := catalog.ByName(s.Metric)
	if f == nil || f.Kind != catalog.KindCounter {
		c.notACounter(path+".metric", s.Metric, f)
		return
	}
	c.match(path+".match", s.Match, f.Labels)
	if per != "" && perKnown && !slices.ContainsFunc(f.Labels, func(l *catalog.Label) bool { return l.Name == per }) {
		c.Wrong(path+".metric", "%s has no label %q, by which the objective is held", s.Metric, per)
	}
}

func (c *check) notACounter(path, name string, f *catalog.Family) {
	if f != nil {
		c.Wrong(path, "%s is a %s; want a counter", name, f.Kind)
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
