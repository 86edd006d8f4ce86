package history

import (
	"cmp"
	"slices"

	"belfry/exporter/catalog"
	"belfry/rules"
)

// CausesFirst returns the alerts in the order to look at them: the most urgent first, of
// these the oldest, and behind each those that follow from it: the alerts that it inhibits,
// and the one that says that nobody has acknowledged it.
func CausesFirst(alerts []*Alert) []*Alert {
	sorted := slices.SortedStableFunc(slices.Values(alerts), func(x, y *Alert) int {
		return cmp.Or(cmp.Compare(y.urgency(), x.urgency()), x.Began.Compare(y.Began),
			cmp.Compare(x.Fingerprint, y.Fingerprint))
	})
	ordered, placed := make([]*Alert, 0, len(alerts)), map[*Alert]bool{}
	var place func(a *Alert)
	place = func(a *Alert) {
		if placed[a] {
			return
		}
		placed[a] = true
		ordered = append(ordered, a)
		for _, other := range sorted {
			if other.follows(a) {
				place(other)
			}
		}
	}
	for _, a := range sorted {
		if !slices.ContainsFunc(sorted, a.follows) {
			place(a)
		}
	}
	for _, a := range sorted {
		place(a) // what is left inhibits itself in a circle
	}
	return ordered
}

// urgency returns the rank of the alert's severity, the higher the more urgent, and -1 if it
// is unknown.
func (a *Alert) urgency() int {
	return slices.Index(catalog.LabelSeverity.Values, a.Labels[catalog.LabelSeverity.Name])
}

// follows reports whether an alert is there because of another one.
func (a *Alert) follows(cause *Alert) bool {
	if slices.Contains(a.InhibitedBy, cause.Fingerprint) {
		return a.Fingerprint != cause.Fingerprint
	}
	escalates := a.Labels[catalog.LabelAlertName.Name] == rules.AlertUnacknowledged.Name
	return escalates && cause.Labels[catalog.LabelAlertName.Name] != rules.AlertUnacknowledged.Name &&
		a.Labels[catalog.LabelRule.Name] == cause.Labels[catalog.LabelRule.Name] &&
		a.Labels[catalog.LabelChannel.Name] == cause.Labels[catalog.LabelChannel.Name]
}
