package backfill

import (
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/simulate"
)

// precede makes what an outline has counted precede what is folded from now on.
func precede(f *fold.State, o fold.Options, records fold.Records, past *simulate.Outline, totals []float64) {
	now := past.Now()
	f.Precede(now.UnixNano(), population(past, now), func(t *metrics.Table) {
		for i, r := range past.Rows() {
			count(t, r, totals[i])
		}
		remember(t, o, records, past)
	})
}

// count adds a row of an outline to the table of a fold.
func count(t *metrics.Table, r simulate.Row, n float64) {
	var set []metrics.Symbol
	for i, l := range r.Family.Labels {
		set = append(set, t.Label(l).Of(r.Values[i]))
	}
	switch r.Family.Kind {
	case catalog.KindHistogram:
		t.Histogram(catalog.Histogram{Family: r.Family}).ObserveMany(r.Seconds, n, set...)
	case catalog.KindSummary:
		t.Summary(catalog.Summary{Family: r.Family}).ObserveMany(r.Seconds, n, set...)
	default:
		t.Counter(catalog.Counter{Family: r.Family}).Add(n, set...)
	}
}

// remember stores what the exporter would know of each user.
func remember(t *metrics.Table, o fold.Options, records fold.Records, past *simulate.Outline) {
	pseudonyms, now := fold.NewPseudonyms(o.UserKey), past.Now().UnixNano()
	for i := range past.Persons() {
		person := past.Person(i)
		if person.FirstHour == 0 {
			continue
		}
		u := fold.User{
			FirstHour: person.FirstHour, EngagedHour: person.EngagedHour, EngagedDays: person.EngagedDays(),
			Month: fold.Month(now), Sends: person.Sends(),
		}
		for _, p := range person.Trials {
			x := fold.ExperimentUser{
				Experiment: t.Label(catalog.LabelExperiment).Of(p.Experiment),
				Variant:    t.Label(catalog.LabelVariant).Of(p.Variant),
				Crossed:    p.Crossed, Covariate: uint8(p.Engaged), Stages: p.Stages, Sends: p.Sends,
			}
			for outcome, n := range p.Outcomes {
				if outcome < len(x.Outcomes) {
					x.Outcomes[outcome] = uint32(n)
				}
			}
			x.Value = p.Outcomes[slices.Index(catalog.LabelOutcome.Values, "value")]
			u.Experiments = append(u.Experiments, x)
		}
		*records.User(pseudonyms.Of(past.UserID(i)), now) = u
	}
}

// population counts an outline's users as the fold does.
func population(past *simulate.Outline, now time.Time) fold.Population {
	p := fold.Population{
		Engaged: map[int64]int64{}, New: map[int64]int64{}, NewEngaged: map[int64]int64{}, Heard: map[int64]int64{},
	}
	for i := range past.Persons() {
		person := past.Person(i)
		if person.FirstHour == 0 {
			continue
		}
		p.Users++
		p.Heard[fold.Month(now.UnixNano())]++
		p.New[person.FirstHour]++
		if person.EngagedHour != 0 {
			p.Engaged[person.EngagedHour]++
			p.NewEngaged[person.FirstHour]++
		}
	}
	return p
}
