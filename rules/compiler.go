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
	"belfry/rules/settings"
)

// compiler checks what only the rules know, and compiles the alerts of the rules
// file on the way: thresholds and names of shipped alerts, teams, metrics.
type compiler struct {
	*strict.Document
	settings *settings.Settings
	shipped  map[string][]Alert
}

// teams returns the teams of the rules file and of shipped alerts.
func (c *compiler) teams() []string {
	teams := slices.Collect(maps.Keys(c.settings.Teams))
	for _, alerts := range c.shipped {
		teams = append(teams, alerts[0].Team)
	}
	return slices.Compact(slices.Sorted(slices.Values(teams)))
}

func (c *compiler) objectives() {
	for i, o := range c.settings.SLOs {
		path := fmt.Sprintf("slos[%d]", i)
		c.Refers(path+".team", "teams", "team", o.Team, c.teams())
		for _, s := range shippedSLOs() {
			if s.Name == o.Name {
				c.Wrong(path+".name", "%q is a shipped objective: choose another name", o.Name)
			}
		}
	}
}

// alerts compiles the alerts that are enabled, and checks the others too.
func (c *compiler) alerts() []Alert {
	var all []Alert
	for i, own := range c.settings.Alerts {
		path := fmt.Sprintf("alerts[%d]", i)
		c.Refers(path+".team", "teams", "team", own.Team, c.teams())
		m, known := ShortNames()[own.Metric]
		if !known {
			unknown := strict.Unknown("metric", own.Metric, slices.Sorted(maps.Keys(ShortNames())))
			c.Wrong(path+".metric", "%s (`belfry rules metrics` lists all)", unknown)
			continue
		}
		c.metric(path, own, m)
		if c.Unclear(path+".condition") || c.Mistaken(path+".metric") || c.Mistaken(path+".match") ||
			c.Mistaken(path+".condition") {
			continue
		}
		a, err := ownAlert{own}.compile(m)
		if err != nil {
			c.Wrong(path, "%v", err)
		}
		if own.On() {
			all = append(all, a)
		}
	}
	return all
}

// metric checks what an alert asks of its metric.
func (c *compiler) metric(path string, own settings.Alert, m Metric) {
	settings.CheckMatch(c.Document, path+".match", own.Match, append(m.Labels(), expr.Job))
	if limit := own.Condition.Threshold; m.share() && limit > 1 {
		c.Wrong(path+".condition.threshold", "%s is out of range: %s is a share, and %s %% is %s",
			plain(limit), m.Name, plain(limit), plain(rounded(limit/100)))
	}
	if _, _, err := m.Over(time.Duration(own.Condition.TimeWindow), nil); err != nil {
		c.Wrong(path+".condition.timeWindow", "%v", err)
	}
}

// share reports whether the metric is a part of a whole, and so never above 1 for
// long. Retries are not: a notification may be retried several times.
func (m Metric) share() bool {
	return m.Unit == catalog.UnitRatio && m.Name != shortName(retriesPerSent)
}

// replaceable returns the severities at which the rules file may replace the
// threshold of a shipped alert.
func replaceable(alerts []Alert) []string {
	var severities []string
	for _, a := range alerts {
		if a.When != nil && !slices.Contains(severities, string(a.Severity)) {
			severities = append(severities, string(a.Severity))
		}
	}
	return severities
}

func (c *compiler) thresholds() {
	valid := []string{latencyBurn}
	for name, alerts := range c.shipped {
		if len(replaceable(alerts)) > 0 {
			valid = append(valid, name)
		}
	}
	slices.Sort(valid)
	for name, bySeverity := range c.settings.Thresholds {
		path := "thresholds." + name
		if !c.shippedName(path, name, valid) {
			continue
		}
		severities, check := replaceable(c.shipped[name]), c.threshold
		if name == latencyBurn {
			severities, check = []string{string(settings.Critical)}, c.latency
		}
		for severity, limit := range bySeverity {
			path := path + "." + string(severity)
			if strict.Nearest(string(severity), settings.Severities()) == "" {
				c.WrongKey(path, "of a shipped alert only the threshold can be set, such as {%s: …}: "+
					"to change the rest, list it under disabled and write one of your own under alerts", severities[0])
				continue
			}
			if c.OneOf(path, "severity of "+name, string(severity), severities) {
				check(path, name, severity, limit)
			}
		}
		if name != latencyBurn {
			c.beyond(path, name, bySeverity)
		}
	}
}

// latencyBurn names the alert whose threshold is the time within which a delivery
// must arrive to be good.
const latencyBurn = "LatencyBudgetBurn"

// latency checks for a time that the histogram has a bucket for.
func (c *compiler) latency(path, _ string, _ settings.Severity, seconds float64) {
	if valid := catalog.DeliveryLatency.Buckets; !slices.Contains(valid, seconds) {
		c.Wrong(path, "%s s is not a bucket of the histogram: use one of %s",
			plain(seconds), strings.Trim(fmt.Sprint(valid), "[]"))
	}
}

// threshold checks for a value at which the alert can fire, but does not always.
func (c *compiler) threshold(path, name string, severity settings.Severity, limit float64) {
	alerts := c.shipped[name]
	a := alerts[slices.IndexFunc(alerts, func(a Alert) bool { return a.Severity == severity && a.When != nil })]
	switch {
	case limit <= 0:
		c.Wrong(path, "%s is out of range: use more than 0 (default: %s)", plain(limit), plain(a.Threshold))
	case a.Unit == catalog.UnitRatio && a.Threshold <= 1 && limit > 1:
		c.Wrong(path, "%s is out of range: use a share of at most 1, %s for %s %% (default: %s)",
			plain(limit), plain(limit/100), plain(limit), plain(a.Threshold))
	}
}

// beyond adds a mistake for a warning that would fire only where the critical alert
// does. Which side is worse follows from the shipped thresholds.
func (c *compiler) beyond(path, name string, own map[settings.Severity]float64) {
	shipped := map[settings.Severity]float64{}
	for _, a := range c.shipped[name] {
		if a.When != nil {
			shipped[a.Severity] = a.Threshold
		}
	}
	usual, both := shipped[settings.Warning], len(shipped) == 2
	worst, hasCritical := shipped[settings.Critical]
	if !both || !hasCritical || c.Mistaken(path) {
		return
	}
	warning := limitFor(c.settings, name, settings.Warning, usual)
	critical := limitFor(c.settings, name, settings.Critical, worst)
	if usual < worst && warning <= critical || usual > worst && warning >= critical {
		return
	}
	if _, ok := own[settings.Warning]; !ok {
		c.Wrong(path+"."+string(settings.Critical), "the default of the warning, %s, is beyond %s: set both, "+
			"or the warning never comes first", plain(warning), plain(critical))
		return
	}
	c.Wrong(path+"."+string(settings.Warning), "%s is beyond the critical threshold, %s: the warning would never "+
		"come first", plain(warning), plain(critical))
}

// shippedName checks the name of a shipped alert, which the file gives without
// its prefix.
func (c *compiler) shippedName(path, name string, valid []string) bool {
	if bare, prefixed := strings.CutPrefix(name, settings.Prefix); prefixed && slices.Contains(valid, bare) {
		c.Wrong(path, "shipped alerts have no prefix %s here: use %q", settings.Prefix, bare)
		return false
	}
	if _, is := c.shipped[name]; is && !slices.Contains(valid, name) {
		c.Wrong(path, "alert %q has no threshold to replace", name)
		return false
	}
	return c.OneOf(path, "alert", name, valid)
}

func (c *compiler) disabled() {
	valid := slices.Sorted(maps.Keys(c.shipped))
	for i, name := range c.settings.Disabled {
		path := fmt.Sprintf("disabled[%d]", i)
		if c.shippedName(path, name, valid) && slices.Index(c.settings.Disabled, name) < i {
			c.Wrong(path, "%q is listed twice", name)
		}
	}
}
