package history

import (
	"fmt"
	"strings"

	"belfry/exporter/catalog"
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

// MatchError reports that an id matches no firing alert, or several.
type MatchError struct {
	ID string
	// Candidates lists the alerts that the id matches, or all that fire if it matches
	// none.
	Candidates []*Alert
	Ambiguous  bool
}

func (e *MatchError) Error() string {
	if e.Ambiguous {
		return fmt.Sprintf("%q matches %d active alerts", e.ID, len(e.Candidates))
	}
	return fmt.Sprintf("%q matches no active alert", e.ID)
}

// Find returns the firing alert whose fingerprint begins with the id or whose
// alertname is the id, in upper or lower case. Unless there is exactly one, the
// error is a [*MatchError].
func (b *Book) Find(id string) (*Alert, error) {
	firing := b.Firing()
	var found []*Alert
	for _, a := range firing {
		isPrefix := id != "" && strings.HasPrefix(a.Fingerprint, strings.ToLower(id))
		if isPrefix || strings.EqualFold(a.Labels[catalog.LabelAlertName.Name], id) {
			found = append(found, a)
		}
	}
	switch len(found) {
	case 0:
		return nil, &MatchError{ID: id, Candidates: firing}
	case 1:
		return found[0], nil
	}
	return nil, &MatchError{ID: id, Candidates: found, Ambiguous: true}
}
