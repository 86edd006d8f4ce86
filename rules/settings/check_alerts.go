package settings

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// Prefix begins the names of shipped alerts, and of no other.
	Prefix = "Notification"
	// longestWindow bounds windows and offsets: a rule that reads more than a
	// month takes too long to evaluate.
	longestWindow = 31 * 24 * time.Hour
	// longestCooldown equals a day, in minutes.
	longestCooldown = 24 * 60
	mostViolations  = 1000
)

func (c *check) alerts(alerts []Alert) {
	ids := map[string]string{}
	for i, a := range alerts {
		path := fmt.Sprintf("alerts[%d]", i)
		c.unique(path+".id", a.ID, ids)
		c.sisters(alerts[:i], path, a)
		c.identity(path, a)
		if c.Needed(path+".severity", "one of "+strings.Join(severities, ", ")) {
			c.OneOf(path+".severity", "severity", string(a.Severity), severities)
		}
		if strings.ContainsAny(strings.TrimSpace(a.FirstStep), "\r\n") {
			c.Wrong(path+".firstStep", "takes one line: the runbook has room for more")
		}
		c.receiverNames(path+".channels", a.Channels)
		if a.CooldownPeriod < 0 || a.CooldownPeriod > longestCooldown {
			c.Wrong(path+".cooldownPeriod", "%d is out of range: use 0 to %d minutes",
				a.CooldownPeriod, longestCooldown)
		}
		c.Needed(path+".metric", "a name that `belfry rules metrics` lists")
		if c.Needed(path+".condition", "operator and threshold") {
			c.condition(path+".condition", a.Condition)
		}
	}
}

// sisters compares an alert with those above it that have its name: one fault at
// several severities, of which Alertmanager notifies the most urgent.
func (c *check) sisters(above []Alert, path string, a Alert) {
	for i, sister := range above {
		if sister.Name != a.Name || a.Name == "" || sister.ID == a.ID {
			continue
		}
		if sister.Severity == a.Severity {
			c.Wrong(path+".name", "alerts[%d] already has the name %q and this severity: change one of them", i, a.Name)
			return
		}
		if rank(sister.Severity) < rank(a.Severity) {
			c.beyond(fmt.Sprintf("alerts[%d]", i), sister, path, a)
		} else {
			c.beyond(path, a, fmt.Sprintf("alerts[%d]", i), sister)
		}
	}
}

// rank returns the place of a severity, the least urgent first.
func rank(s Severity) int { return slices.Index(severities, string(s)) }

// beyond adds a mistake for the less urgent of two alerts if it fires only where the
// urgent one does.
func (c *check) beyond(path string, mild Alert, urgentPath string, urgent Alert) {
	if mild.Metric != urgent.Metric || !maps.Equal(mild.Match, urgent.Match) ||
		mild.Condition.Operator != urgent.Condition.Operator ||
		mild.Condition.TimeWindow != urgent.Condition.TimeWindow {
		return
	}
	limit, worse := mild.Condition.Threshold, urgent.Condition.Threshold
	up, down := strings.HasPrefix(mild.Condition.Operator, "gt"), strings.HasPrefix(mild.Condition.Operator, "lt")
	if up && limit > worse || down && limit < worse {
		c.Wrong(path+".condition.threshold", "%s is beyond the %s threshold of %s, %s: the %s alert would never "+
			"come first", plain(limit), urgent.Severity, urgentPath, plain(worse), mild.Severity)
	}
}

func (c *check) identity(path string, a Alert) {
	if c.Needed(path+".id", "a short name in lower case, such as sms-failures") && !hyphenated.MatchString(a.ID) {
		c.Wrong(path+".id", "invalid id %q: use lower-case letters, digits and hyphens, such as sms-failures", a.ID)
	}
	if !c.Needed(path+".name", "the alert's name, such as SmsFailuresHigh") {
		return
	}
	if !camelCase.MatchString(a.Name) {
		c.Wrong(path+".name", "invalid name %q: use letters and digits, such as SmsFailuresHigh", a.Name)
	}
	if strings.HasPrefix(a.Name, Prefix) {
		c.Wrong(path+".name", "the prefix of %q is that of shipped alerts, %s: choose another name", a.Name, Prefix)
	}
}

var operators = []string{"gt", "gte", "lt", "lte", "eq", "ne"}

// symbols maps operators as people type them.
var symbols = map[string]string{">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "eq", "==": "eq", "!=": "ne"}

func (c *check) condition(path string, condition Condition) {
	if c.Needed(path+".operator", "one of "+strings.Join(operators, ", ")) {
		c.operator(path+".operator", condition.Operator)
	}
	c.Needed(path+".threshold", "the value to compare with")
	violations := condition.ConsecutiveViolations
	if violations < 1 || c.Has(path+".consecutiveViolations") && violations > mostViolations {
		c.Wrong(path+".consecutiveViolations", "%d is out of range: use 1 to %d", violations, mostViolations)
	}
	c.windows(path, condition)
	if condition.MinEvents < 0 {
		c.Wrong(path+".minEvents", "%s is out of range: use a number of notifications", plain(condition.MinEvents))
	}
	if condition.PercentageChange < 0 {
		c.Wrong(path+".percentageChange", "%s is out of range: use a percentage above 0, for both directions",
			plain(condition.PercentageChange))
	}
	if condition.PercentageChange > 0 && condition.MinEvents == 0 && !c.Mistaken(path+".minEvents") {
		c.Needed(path+".minEvents", "percentageChange needs it, because small numbers change by large percentages")
	}
}

func (c *check) operator(path, operator string) {
	if word, is := symbols[operator]; is {
		c.Wrong(path, "unknown operator %q; did you mean %q? (valid: %s)",
			operator, word, strings.Join(operators, ", "))
		return
	}
	c.OneOf(path, "operator", operator, operators)
}

func (c *check) windows(path string, condition Condition) {
	if time.Duration(condition.TimeWindow) > longestWindow {
		c.Wrong(path+".timeWindow", "%s is out of range: use at most 31d", condition.TimeWindow)
	}
	if time.Duration(condition.CompareTo) > longestWindow {
		c.Wrong(path+".compareTo", "%s is out of range: use at most 31d", condition.CompareTo)
	}
	if condition.CompareTo > 0 && condition.PercentageChange == 0 && !c.Mistaken(path+".percentageChange") {
		c.Wrong(path+".compareTo", "has no effect without percentageChange")
	}
}

func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
