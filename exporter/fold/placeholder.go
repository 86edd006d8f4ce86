package fold

import (
	"cmp"
	"slices"
	"strings"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// A program that has no id often writes what its language prints for nothing. All events
// with such a notification id count as those of one notification to the user, all with such
// a user id as those of one user, and all with such an event id as one event.
var placeholders = byLength(
	"undefined", "null", "<null>", "(null)", "nil", "<nil>", "%!s(<nil>)", "none", "<none>", "nan", "unknown",
	"anonymous", "n/a", "[object object]", "false", "0", "-1", "-",
	"00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000", "000000000000000000000000",
)

// byLength groups words by their length: most ids have that of none.
func byLength(words ...string) (all [40][]string) {
	for _, word := range words {
		all[len(word)] = append(all[len(word)], word)
	}
	return all
}

// placeholder returns which placeholder an id is, in lower case, "" for none. Of a
// template that was not filled in it returns the brackets.
func placeholder(id string) string {
	if len(id) < len(placeholders) {
		for _, word := range placeholders[len(id)] {
			if strings.EqualFold(id, word) {
				return word
			}
		}
	}
	switch {
	case strings.HasPrefix(id, "{{"):
		return "{{...}}"
	case strings.HasPrefix(id, "${"):
		return "${...}"
	default:
		return ""
	}
}

// placeholderSet holds the labels of catalog.PlaceholderIDs.
type placeholderSet [3]metrics.Symbol

// countPlaceholders counts the ids that the event's producer did not fill in, of
// duplicates too: a placeholder as event id makes events duplicates.
func (s *State) countPlaceholders(e *event.Event) {
	for field, id := range [...]string{e.ID, e.NotificationID, e.UserID} {
		if word := placeholder(id); word != "" {
			channel := s.labels.known(catalog.LabelChannel, e.Channel)
			set := placeholderSet{metrics.Symbol(field), metrics.Symbol(e.Type), channel}
			s.add(catalog.PlaceholderIDs, 1, set[:]...)
			s.placeholders[set] = word
			s.mistakes.Placeholders, s.mistakes.latest = s.mistakes.Placeholders+1, set
		}
	}
}

// Placeholder says which events have an id that their producer did not fill in.
type Placeholder struct {
	// Field names the field of the id, Event the type of the events without its prefix,
	// and Channel their channel.
	Field, Event, Channel string
	// Word holds what stood there last, in lower case.
	Word string
	// Count says how often.
	Count uint64
}

// Placeholders lists the ids that producers did not fill in, the most frequent first.
func (s *State) Placeholders() []Placeholder {
	var all []Placeholder
	for set := range s.placeholders {
		all = append(all, s.placeholder(set))
	}
	slices.SortFunc(all, func(a, b Placeholder) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Event, b.Event),
			cmp.Compare(a.Channel, b.Channel))
	})
	return all
}

func (s *State) placeholder(set placeholderSet) Placeholder {
	name := func(i int) string { return s.labels[catalog.PlaceholderIDs.Labels[i].Index()].Name(set[i]) }
	count := s.table.Counter(catalog.PlaceholderIDs).Value(set[:]...)
	return Placeholder{name(0), name(1), name(2), s.placeholders[set], uint64(count)}
}
