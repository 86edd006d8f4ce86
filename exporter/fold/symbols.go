package fold

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// labels holds the symbols of the labels that the fold's families carry, by
// catalog.Label.Index; nil for all others.
type labels []*metrics.Symbols

func labelsOf(t *metrics.Table) labels {
	all := make(labels, len(catalog.Labels))
	for _, f := range catalog.All {
		if f.Source != catalog.Fold && f.Source != catalog.Quality {
			continue
		}
		for _, l := range f.Labels {
			all[l.Index()] = t.Label(l)
		}
	}
	return all
}

// of returns the symbol of a value that an event carries, metrics.None for the
// empty string.
func (ls labels) of(l *catalog.Label, value string) metrics.Symbol {
	return ls[l.Index()].Of(value)
}

// orUnknown replaces metrics.None by the symbol of catalog.Unknown.
func (ls labels) orUnknown(l *catalog.Label, s metrics.Symbol) metrics.Symbol {
	return ls[l.Index()].OrUnknown(s)
}

// known returns the symbol of a value, that of catalog.Unknown for the empty
// string.
func (ls labels) known(l *catalog.Label, value string) metrics.Symbol {
	symbols := ls[l.Index()]
	return symbols.OrUnknown(symbols.Of(value))
}

// named returns the symbol of a value that the fold itself names.
func (ls labels) named(l *catalog.Label, value string) metrics.Symbol {
	if !l.Known(value) || l.Free() {
		panic(fmt.Sprintf("fold: %s is not a value of the label %s", value, l.Name))
	}
	return ls[l.Index()].Of(value)
}

// constants holds the symbols of the values that the fold itself names. Only the
// values of a type such as catalog.Stage are their own symbols.
type constants struct {
	faultNone, faultRecipient metrics.Symbol
	// failureFaults lists whose fault a failure can be: all but none.
	failureFaults []metrics.Symbol

	sloSent, sloFailed, sloBounced, sloRecovered metrics.Symbol
	requestSuccess, requestError                 metrics.Symbol

	outcomes [numOutcomes]metrics.Symbol
	moments  [numMoments]metrics.Symbol
	fields   [numFields]metrics.Symbol
	recent   [numRecent]metrics.Symbol
	hours    [24]metrics.Symbol
	weekdays [7]metrics.Symbol // from time.Sunday
}

func constantsOf(ls labels) *constants {
	c := &constants{
		faultNone:      ls.named(catalog.LabelFault, catalog.FaultNone),
		faultRecipient: ls.named(catalog.LabelFault, catalog.FaultRecipient),
		sloSent:        ls.named(catalog.LabelSLOStage, catalog.StageSent.String()),
		sloFailed:      ls.named(catalog.LabelSLOStage, catalog.StageFailed.String()),
		sloBounced:     ls.named(catalog.LabelSLOStage, catalog.EventBounced.String()),
		sloRecovered:   ls.named(catalog.LabelSLOStage, catalog.StageRecovered.String()),
		requestSuccess: ls.named(catalog.LabelResult, "success"),
		requestError:   ls.named(catalog.LabelResult, "error"),
	}
	for _, fault := range catalog.LabelFault.Values {
		if fault != catalog.FaultNone {
			c.failureFaults = append(c.failureFaults, ls.named(catalog.LabelFault, fault))
		}
	}
	ls.fill(c.outcomes[:], catalog.LabelOutcome, outcomeNames[:])
	ls.fill(c.moments[:], catalog.LabelMoment, momentNames[:])
	ls.fill(c.fields[:], catalog.LabelField, fieldNames[:])
	ls.fill(c.recent[:], catalog.LabelRecent, recentNames[:])
	for hour := range c.hours {
		c.hours[hour] = ls.named(catalog.LabelHour, strconv.Itoa(hour))
	}
	for day := range c.weekdays {
		name := strings.ToLower(time.Weekday(day).String()[:len("sun")])
		c.weekdays[day] = ls.named(catalog.LabelWeekday, name)
	}
	return c
}

// fill looks up the symbols of names.
func (ls labels) fill(symbols []metrics.Symbol, l *catalog.Label, names []string) {
	for i, name := range names {
		symbols[i] = ls.named(l, name)
	}
}

// knownError holds an error code that the configuration lists, and whose fault it is.
type knownError struct{ code, fault metrics.Symbol }

// birth creates every series whose label set is known beforehand, at 0: rate and
// increase miss the first value of a series. It also notes the symbols of the error
// codes that are born with their provider.
func (s *State) birth() {
	s.knownErrors = nil
	for _, code := range s.faults.Exact() {
		fault, _ := s.faults.Of(code, "")
		known := knownError{s.labels.of(catalog.LabelErrorCode, code), s.labels.of(catalog.LabelFault, fault)}
		s.knownErrors = append(s.knownErrors, known)
	}
	for _, f := range catalog.All {
		if f.Source == catalog.Quality && f.Kind == catalog.KindCounter && len(f.Labels) == 0 {
			s.born(catalog.Counter{Family: f})
		}
	}
	for _, reason := range catalog.LabelRejection.Values {
		s.born(catalog.EventsRejected, s.labels.named(catalog.LabelRejection, reason))
	}
	for _, field := range s.constants.fields {
		s.born(catalog.ContextConflicts, field)
	}
}

// add increases a counter. It reports whether that created the series.
func (s *State) add(c catalog.Counter, by float64, set ...metrics.Symbol) (born bool) {
	return s.table.Counter(c).Add(by, set...)
}

// born makes sure that a counter's series exists, at 0 if it is new.
func (s *State) born(c catalog.Counter, set ...metrics.Symbol) { s.table.Counter(c).Init(set...) }

// observe adds a duration in seconds to a histogram.
func (s *State) observe(h catalog.Histogram, seconds float64, set ...metrics.Symbol) {
	s.table.Histogram(h).Observe(seconds, set...)
}

// set sets a gauge if the event carries its value.
func (s *State) set(g catalog.Gauge, v event.Value, set ...metrics.Symbol) {
	if v.Known {
		s.table.Gauge(g).Set(v.Value, set...)
	}
}
