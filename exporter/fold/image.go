package fold

import (
	"fmt"
	"maps"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// Image holds a State without its records, in a form that can be stored. It shares
// nothing with the state.
type Image struct {
	Table *metrics.Image
	Now   int64
	// Clock holds more of the stream's time than Now. Older images do not have it.
	Clock         Clock
	UnknownFields map[uint64]struct{}
	// Salted says that UnknownFields are salted. Those of older images are not.
	Salted        bool
	Placeholders  map[placeholderSet]string
	TemplateNames map[metrics.Symbol]metrics.Symbol
	Population    Population
	// Born counts the stages and moments that the catalogue had: the series of those that it
	// has gained since are born, and no others. Older images do not have it.
	Born [2]int
}

// Image copies the state.
func (s *State) Image() *Image {
	return &Image{
		Table: s.table.Image(), Now: s.clock.Now, Clock: s.clock,
		UnknownFields: maps.Clone(s.unknownFields), Salted: true,
		Placeholders: maps.Clone(s.placeholders), TemplateNames: maps.Clone(s.templateNames),
		Population: s.population.clone(), Born: [2]int{catalog.NumStages, numMoments},
	}
}

// Restore makes the state from which an image was taken. records must hold what
// they held then. The options may differ as long as the numbers so far stay true;
// otherwise Restore fails.
func Restore(o Options, records Records, im *Image) (*State, error) {
	s := New(o, records)
	s.table.SetToday(im.Latest())
	if err := s.table.Restore(im.Table); err != nil {
		return nil, fmt.Errorf("restore numbers: %w", err)
	}
	s.clock, s.population = im.clock(), im.Population.clone()
	s.population.expire(FirstLiveMonth(s.clock.Latest)) // older versions stored expired users
	for hash := range im.UnknownFields {
		if !im.Salted {
			hash = s.salt.field(hash)
		}
		s.unknownFields[hash] = struct{}{}
	}
	maps.Copy(s.placeholders, im.Placeholders)
	maps.Copy(s.templateNames, im.TemplateNames)
	s.birth() // of what the catalogue has gained since
	if im.Born != [2]int{catalog.NumStages, numMoments} {
		s.bearStages()
		s.bearMoments()
	}
	return s, nil
}

// Latest returns the time by which the records of an image are filed and expire.
func (im *Image) Latest() int64 { return im.clock().Latest }

// clock returns the stream's time. That of older images was never in doubt.
func (im *Image) clock() Clock {
	if im.Clock.Now == im.Now {
		return im.Clock
	}
	return Clock{Now: im.Now, Latest: im.Now, Highest: im.Now, Agreed: Witnesses}
}

// Settle lets the sums of an older version's image keep every cent from now on. Call
// it before an image that is stored once nothing more is folded.
func (s *State) Settle() { s.table.Settle() }

// StartOver sets all numbers back to 0 as of now. It keeps the records, so that
// nothing is counted twice, and the label values to which they refer.
func (s *State) StartOver() {
	im := s.Image()
	im.Table = &metrics.Image{
		Symbols: im.Table.Symbols, Seen: im.Table.Seen, FullUntil: im.Table.FullUntil, Now: im.Now, Exact: true,
	}
	im.TemplateNames, im.Placeholders = nil, nil // no series shows them now
	fresh, err := Restore(s.opts, s.records, im)
	if err != nil {
		panic(err) // an image fits the options that it was made under
	}
	*s = *fresh
}

// Precede makes what was counted until now precede what is folded from now on: all
// numbers start over at 0, and count adds to them. The population must be that of the
// users in the records.
func (s *State) Precede(now int64, p Population, count func(*metrics.Table)) {
	s.StartOver()
	before := s.clock
	s.clock = Clock{Now: now, Latest: max(now, before.Latest), Highest: max(now, before.Highest), Agreed: Witnesses}
	s.passed(&before)
	s.population = p.clone()
	count(s.table)
}

func (p Population) clone() Population {
	p.Engaged, p.New, p.NewEngaged, p.Heard = cloned(p.Engaged), cloned(p.New), cloned(p.NewEngaged), cloned(p.Heard)
	return p
}

// cloned clones a map like maps.Clone, but never returns nil.
func cloned(m map[int64]int64) map[int64]int64 {
	c := make(map[int64]int64, len(m))
	maps.Copy(c, m)
	return c
}
