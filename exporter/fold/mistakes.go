package fold

import "belfry/exporter/catalog"

// Mistakes counts what producers do wrong that spoils numbers, since the state was made or
// restored. Its values can be compared.
type Mistakes struct {
	// Doubts counts accepted events whose time did not agree with the stream's, see Clock.
	Doubts uint64
	// Misrouted counts events in another partition than their key's. Home is that of the
	// latest one.
	Misrouted uint64
	Home      int
	// Forgotten counts the event ids of notifications that are forgotten, see MaxEvents.
	Forgotten uint64
	// Placeholders counts ids that a producer did not fill in, see State.Placeholder.
	Placeholders uint64

	latest placeholderSet
}

// Mistakes returns the counts so far.
func (s *State) Mistakes() Mistakes { return s.mistakes }

// Placeholder returns the latest id that a producer did not fill in. There must have been
// one.
func (s *State) Placeholder() Placeholder { return s.placeholder(s.mistakes.latest) }

// Totals counts what producers have done wrong in the life of the counters.
type Totals struct {
	// Rejected and Misrouted count events, Forgotten event ids.
	Rejected, Misrouted, Forgotten uint64
}

// Totals returns what the counters show.
func (s *State) Totals() Totals {
	sum := func(m catalog.Counter) (n uint64) {
		c := s.table.Counter(m)
		for _, set := range c.Sets() {
			n += uint64(c.Value(set...))
		}
		return n
	}
	return Totals{sum(catalog.EventsRejected), sum(catalog.EventsMisrouted), sum(catalog.EventIDsForgotten)}
}
