package fold

import (
	"fmt"
	"maps"

	"belfry/exporter/metrics"
)

// Image is a State, without its records, in a form that can be stored. It
// shares nothing with the state.
type Image struct {
	Table         *metrics.Image
	Now           int64
	UnknownFields map[uint64]struct{}
	TemplateNames map[metrics.Symbol]metrics.Symbol
	Population    Population
}

// Image copies the state.
func (s *State) Image() *Image {
	return &Image{
		Table: s.table.Image(), Now: s.now, UnknownFields: maps.Clone(s.unknownFields),
		TemplateNames: maps.Clone(s.templateNames), Population: s.population.clone(),
	}
}

// Restore makes the state that an image was taken of. records must hold what
// they held then. The options may differ as far as the numbers so far remain
// true; Restore fails where they do not.
func Restore(o Options, records Records, im *Image) (*State, error) {
	s := New(o, records)
	if err := s.table.Restore(im.Table); err != nil {
		return nil, fmt.Errorf("restore numbers: %w", err)
	}
	s.now, s.population = im.Now, im.Population.clone()
	s.population.expire(FirstLiveMonth(s.now)) // images of before did not
	maps.Copy(s.unknownFields, im.UnknownFields)
	maps.Copy(s.templateNames, im.TemplateNames)
	s.birth() // what the catalogue has gained since
	return s, nil
}

// StartOver gives all numbers a new beginning at 0, as of now, and keeps the
// records, so that what was counted before is not counted again, and the label
// values that the records speak of.
func (s *State) StartOver() {
	im := s.Image()
	im.Table = &metrics.Image{Symbols: im.Table.Symbols, Now: im.Now}
	im.TemplateNames = nil // no series shows them any more
	fresh, err := Restore(s.opts, s.records, im)
	if err != nil {
		panic(err) // an image fits the options that it was made under
	}
	*s = *fresh
}

func (p Population) clone() Population {
	p.Engaged, p.New, p.NewEngaged, p.Heard = cloned(p.Engaged), cloned(p.New), cloned(p.NewEngaged), cloned(p.Heard)
	return p
}

// cloned is maps.Clone, but never nil.
func cloned(m map[int64]int64) map[int64]int64 {
	c := make(map[int64]int64, len(m))
	maps.Copy(c, m)
	return c
}
