package history

import (
	"fmt"
	"strings"
)

// shortest is the least length of a short id: four hexadecimal digits are easily
// typed, and rarely longer ones are needed.
const shortest = 4

// ShortIDs gives each alert the shortest prefix of its fingerprint that none of
// the others has, by fingerprint.
func ShortIDs(alerts []*Alert) map[string]string {
	ids := make(map[string]string, len(alerts))
	for _, a := range alerts {
		n := shortest
		for _, other := range alerts {
			if other.Fingerprint != a.Fingerprint {
				n = max(n, common(a.Fingerprint, other.Fingerprint)+1)
			}
		}
		ids[a.Fingerprint] = a.Fingerprint[:min(n, len(a.Fingerprint))]
	}
	return ids
}

// common is the length of the common prefix.
func common(x, y string) int {
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

// NotOneError says that a text names no alert, or several.
type NotOneError struct {
	ID string
	// Candidates are the alerts that it names, or all open ones if none.
	Candidates []*Alert
	Ambiguous  bool
}

func (e *NotOneError) Error() string {
	if e.Ambiguous {
		return fmt.Sprintf("%q names %d active alerts", e.ID, len(e.Candidates))
	}
	return fmt.Sprintf("%q names no active alert", e.ID)
}

// Find finds the open alert that a text names: by the beginning of its
// fingerprint or by its whole alertname, upper and lower case alike. It is a
// [*NotOneError] unless there is exactly one.
func (b *Book) Find(id string) (*Alert, error) {
	open := b.Open()
	var found []*Alert
	for _, a := range open {
		if id != "" && strings.HasPrefix(a.Fingerprint, strings.ToLower(id)) || strings.EqualFold(a.Labels["alertname"], id) {
			found = append(found, a)
		}
	}
	switch len(found) {
	case 0:
		return nil, &NotOneError{ID: id, Candidates: open}
	case 1:
		return found[0], nil
	}
	return nil, &NotOneError{ID: id, Candidates: found, Ambiguous: true}
}
