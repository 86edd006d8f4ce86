package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"belfry/exporter/catalog"
)

// replaceable are the severities at which the thresholds of a shipped alert can
// be replaced.
func replaceable(alerts []Alert) []string {
	var severities []string
	for _, a := range alerts {
		if a.When != nil && !slices.Contains(severities, string(a.Severity)) {
			severities = append(severities, string(a.Severity))
		}
	}
	return severities
}

func (c *check) thresholds(all map[string]map[Severity]float64) {
	var valid []string
	for name, alerts := range c.shipped {
		if len(replaceable(alerts)) > 0 {
			valid = append(valid, name)
		}
	}
	valid = append(valid, latencyBurn)
	slices.Sort(valid)
	for name, bySeverity := range all {
		path := "thresholds." + name
		if !c.shippedName(path, name, valid) {
			continue
		}
		if name == latencyBurn {
			c.latency(path, bySeverity)
			continue
		}
		severities := replaceable(c.shipped[name])
		for severity, threshold := range bySeverity {
			path := path + "." + string(severity)
			if c.OneOf(path, "severity of "+name, string(severity), severities) {
				c.threshold(path, threshold, c.shipped[name], severity)
			}
		}
	}
}

// latencyBurn is the alert whose threshold is the time in which a delivery is
// good.
const latencyBurn = "LatencyBudgetBurn"

// latency complains about a time that the histogram cannot tell.
func (c *check) latency(path string, bySeverity map[Severity]float64) {
	for severity, seconds := range bySeverity {
		path := path + "." + string(severity)
		if !c.OneOf(path, "severity of "+latencyBurn, string(severity), []string{string(Critical)}) {
			continue
		}
		if !slices.Contains(catalog.DeliveryLatency.Buckets, seconds) {
			c.Wrong(path, "%s s is no bound of the histogram's buckets: want one of %s", plain(seconds), strings.Trim(fmt.Sprint(catalog.DeliveryLatency.Buckets), "[]"))
		}
	}
}

// threshold complains about a figure that the alert could never mean.
func (c *check) threshold(path string, threshold float64, alerts []Alert, severity Severity) {
	i := slices.IndexFunc(alerts, func(a Alert) bool { return a.Severity == severity && a.When != nil })
	a := alerts[i]
	switch {
	case threshold <= 0:
		c.Wrong(path, "%s is out of range: want more than 0; shipped is %s", plain(threshold), plain(a.Threshold))
	case a.Unit == catalog.UnitRatio && a.Threshold <= 1 && threshold > 1:
		c.Wrong(path, "%s is out of range: want a share of at most 1, %s for %s %%; shipped is %s",
			plain(threshold), plain(threshold/100), plain(threshold), plain(a.Threshold))
	}
}

// shippedName complains about what is no shipped alert, or has one's full name.
func (c *check) shippedName(path, name string, valid []string) bool {
	if bare, prefixed := strings.CutPrefix(name, Prefix); prefixed && slices.Contains(valid, bare) {
		c.Wrong(path, "shipped alerts are named without %s here: %q", Prefix, bare)
		return false
	}
	if _, is := c.shipped[name]; is && !slices.Contains(valid, name) {
		c.Wrong(path, "the alert %q has no threshold to replace", name)
		return false
	}
	return c.OneOf(path, "alert", name, valid)
}

func (c *check) disabled(names []string) {
	valid := slices.Sorted(maps.Keys(c.shipped))
	for i, name := range names {
		path := fmt.Sprintf("disabled[%d]", i)
		if c.shippedName(path, name, valid) && slices.Index(names, name) < i {
			c.Wrong(path, "%q is named twice", name)
		}
	}
}
