package history

import (
	"fmt"
	"strings"

	"belfry/exporter/catalog"
	"belfry/rules"
)

// minIDLength makes short ids four hexadecimal digits long at least: they are easily
// typed, and rarely are more needed.
const minIDLength = 4

// ShortIDs returns, by fingerprint, the shortest prefix of each fingerprint that
// no other has.
func ShortIDs(alerts []*Alert) map[string]string {
	ids := make(map[string]string, len(alerts))
	for _, a := range alerts {
		n := minIDLength
		for _, other := range alerts {
			if other.Fingerprint != a.Fingerprint {
				n = max(n, commonPrefix(a.Fingerprint, other.Fingerprint)+1)
			}
		}
		ids[a.Fingerprint] = a.Fingerprint[:min(n, len(a.Fingerprint))]
	}
	return ids
}

// commonPrefix returns the length of the common prefix.
func commonPrefix(x, y string) int {
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

// MatchError reports that a query matches no firing alert, or several.
type MatchError struct {
	Query
	// Candidates lists the alerts that the query matches, or all that fire if it matches
	// none.
	Candidates []*Alert
	Ambiguous  bool
}

func (e *MatchError) Error() string {
	what := fmt.Sprintf("%q", e.ID)
	if e.Channel != "" {
		what += fmt.Sprintf(" on channel %q", e.Channel)
	}
	if e.Ambiguous {
		return fmt.Sprintf("%s matches %d active alerts", what, len(e.Candidates))
	}
	return what + " matches no active alert"
}

// Query selects alerts.
type Query struct {
	// ID holds the name or the rule of an alert, in upper or lower case, or the first
	// digits of its fingerprint. A name or a rule comes before digits.
	ID string
	// Channel holds the channel; empty means any.
	Channel string
	// All accepts several alerts.
	All bool
}

// Find returns the firing alerts that the query matches. If there is none, or more than
// one unless the query is for all, the error is a [*MatchError].
func (b *Book) Find(q Query) ([]*Alert, error) {
	var named, digits []*Alert
	for _, a := range b.Firing() {
		switch {
		case q.Channel != "" && a.Labels[catalog.LabelChannel.Name] != q.Channel:
		case IsCalled(a.Labels, q.ID):
			named = append(named, a)
		case q.ID != "" && strings.HasPrefix(a.Fingerprint, strings.ToLower(q.ID)):
			digits = append(digits, a)
		}
	}
	found := named
	if len(found) == 0 {
		found = digits
	}
	switch {
	case len(found) == 0:
		return nil, &MatchError{Query: q, Candidates: b.Firing()}
	case len(found) > 1 && !q.All:
		return nil, &MatchError{Query: q, Candidates: found, Ambiguous: true}
	}
	return found, nil
}

// IsCalled reports whether the labels are those of an alert with the name or the rule, in
// upper or lower case. The alert that escalates has the label rule of the one that
// nobody has acknowledged, and is called by its name only.
func IsCalled(labels map[string]string, name string) bool {
	alertName := labels[catalog.LabelAlertName.Name]
	if name == "" || strings.EqualFold(alertName, name) {
		return name != ""
	}
	return alertName != rules.AlertUnacknowledged.Name && strings.EqualFold(labels[catalog.LabelRule.Name], name)
}
