package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/strict"
	"belfry/rules/expr"
)

// longestWindow bounds windows and offsets: beyond a month a rule would read
// more than an evaluation has time for.
const longestWindow = 31 * 24 * time.Hour

// longestCooldown is a day, in minutes.
const longestCooldown = 24 * 60

func (c *check) alerts(alerts []CustomAlert) {
	ids, names := map[string]string{}, map[string]string{}
	for i, a := range alerts {
		path := fmt.Sprintf("alerts[%d]", i)
		c.unique(path+".id", a.ID, ids)
		c.unique(path+".name", a.Name, names)
		c.identity(path, a)
		if c.Needed(path+".severity", "one of "+strings.Join(severities, ", ")) {
			c.OneOf(path+".severity", "severity", string(a.Severity), severities)
		}
		c.OneOf(path+".team", "team", a.Team, c.knownTeams())
		c.receiverNames(path+".channels", a.Channels)
		if a.CooldownPeriod < 0 || a.CooldownPeriod > longestCooldown {
			c.Wrong(path+".cooldownPeriod", "%d is out of range: want minutes, 0 to %d", a.CooldownPeriod, longestCooldown)
		}
		before := c.Mistakes()
		m, known := c.metric(path, a)
		c.condition(path+".condition", a, m)
		if known && c.Mistakes() == before {
			if _, err := a.compile(c.metrics); err != nil {
				c.Wrong(path, "%v", err)
			}
		}
	}
}

// unique complains about a name that another entry has.
func (c *check) unique(path, name string, seen map[string]string) {
	if first, taken := seen[name]; taken && name != "" {
		c.Wrong(path, "%q is that of %s already", name, strings.TrimSuffix(first, path[strings.LastIndex(path, "."):]))
	} else {
		seen[name] = path
	}
}

func (c *check) identity(path string, a CustomAlert) {
	if c.Needed(path+".id", "a short name in lower case, such as sms-failures") && !lowerName.MatchString(a.ID) {
		c.Wrong(path+".id", "%q is no id: want lower case, digits and hyphens, such as sms-failures", a.ID)
	}
	if !c.Needed(path+".name", "the alert's name, such as SmsFailuresHigh") {
		return
	}
	if !camelName.MatchString(a.Name) {
		c.Wrong(path+".name", "%q is no name: want letters and digits, such as SmsFailuresHigh", a.Name)
	}
	if strings.HasPrefix(a.Name, Prefix) {
		c.Wrong(path+".name", "%q begins with %s as shipped alerts do; name it otherwise", a.Name, Prefix)
	}
}

// metric finds the metric and judges what is matched of it.
func (c *check) metric(path string, a CustomAlert) (Metric, bool) {
	if !c.Needed(path+".metric", "a name of `belfry rules metrics`") {
		return Metric{}, false
	}
	m, known := c.metrics[a.Metric]
	if !known {
		c.Wrong(path+".metric", "%s (`belfry rules metrics` lists all)", strict.Unknown("metric", a.Metric, slices.Sorted(maps.Keys(c.metrics))))
		return Metric{}, false
	}
	c.match(path+".match", a.Match, append(m.Labels(), expr.Job))
	return m, true
}

// match judges labels and their values.
func (c *check) match(path string, match map[string]string, labels []*catalog.Label) {
	known := map[string]*catalog.Label{}
	var valid []string
	for _, l := range labels {
		known[l.Name] = l
		valid = append(valid, l.Name)
	}
	for name, value := range match {
		path := path + "." + name
		if !c.OneOf(path, "label", name, valid) {
			continue
		}
		l := known[name]
		switch m := matcher(l, value); {
		case value == "" || value == "//":
			c.Wrong(path, "matches nothing: want a value, or a regular expression between slashes")
		case m.Err() != nil && !strings.HasPrefix(value, "/"):
			c.OneOf(path, l.Name, value, l.Values)
		case m.Err() != nil:
			c.Wrong(path, "%v", m.Err())
		}
	}
}

func (c *check) condition(path string, a CustomAlert, m Metric) {
	if !c.Needed(path, "operator and threshold") {
		return
	}
	condition := a.Condition
	names := []string{"gt", "gte", "lt", "lte", "eq", "ne"}
	if c.Needed(path+".operator", "one of "+strings.Join(names, ", ")) {
		c.operator(path+".operator", condition.Operator, names)
	}
	if c.Needed(path+".threshold", "the figure to compare with") && m.share() && condition.Threshold > 1 {
		c.Wrong(path+".threshold", "%s is out of range: %s is a share, and %s %% is %s",
			plain(condition.Threshold), m.Name, plain(condition.Threshold), plain(rounded(condition.Threshold/100)))
	}
	if condition.ConsecutiveViolations < 1 || c.Has(path+".consecutiveViolations") && condition.ConsecutiveViolations > 1000 {
		c.Wrong(path+".consecutiveViolations", "%d is out of range: want 1 to 1000", condition.ConsecutiveViolations)
	}
	c.windows(path, a, m)
	if condition.MinEvents < 0 {
		c.Wrong(path+".minEvents", "%s is out of range: want a number of notifications", plain(condition.MinEvents))
	}
	if condition.PercentageChange < 0 {
		c.Wrong(path+".percentageChange", "%s is out of range: want percent above 0; a change either way counts", plain(condition.PercentageChange))
	}
	if condition.PercentageChange > 0 && condition.MinEvents == 0 {
		c.Needed(path+".minEvents", "percentageChange needs it, since among few notifications every share changes")
	}
}

// symbols are operators as people type them.
var symbols = map[string]string{">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "eq", "==": "eq", "!=": "ne"}

func (c *check) operator(path, operator string, names []string) {
	if word, is := symbols[operator]; is {
		c.Wrong(path, "unknown operator %q; did you mean %q? (valid: %s)", operator, word, strings.Join(names, ", "))
		return
	}
	c.OneOf(path, "operator", operator, names)
}

// windows judges timeWindow and compareTo.
func (c *check) windows(path string, a CustomAlert, m Metric) {
	window, compareTo := time.Duration(a.Condition.TimeWindow), time.Duration(a.Condition.CompareTo)
	if window > longestWindow {
		c.Wrong(path+".timeWindow", "%s is out of range: want at most 31d", a.Condition.TimeWindow)
	}
	if compareTo > longestWindow {
		c.Wrong(path+".compareTo", "%s is out of range: want at most 31d", a.Condition.CompareTo)
	}
	if compareTo > 0 && a.Condition.PercentageChange == 0 {
		c.Wrong(path+".compareTo", "says nothing without percentageChange")
	}
	if m.Name == "" {
		return
	}
	if _, _, err := m.Over(window, nil); err != nil {
		c.Wrong(path+".timeWindow", "%v", err)
	}
}

// share reports whether the metric is a part of a whole, and so never above 1
// for long. Retries are counted several to a notification.
func (m Metric) share() bool {
	return m.Unit == catalog.UnitRatio && !strings.HasPrefix(m.Name, short(strings.TrimSuffix(catalog.Retries.Name, "_total")))
}
