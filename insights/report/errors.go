package report

import (
	"context"
	"slices"

	"belfry/exporter/catalog"
	"belfry/insights/display"
	"belfry/insights/query"
	"belfry/rules"
)

// errorCount is how many errors a channel had whose fault they are.
type errorCount struct {
	Channel, Fault string
	Count          display.Figure
}

type errorLog struct {
	All      []errorCount
	Withheld int
	Status   query.Status
	Queries  []string
}

// readErrors counts failed and bounced attempts by channel and fault, and leaves out those of
// fewer than the floor.
func readErrors(
	ctx context.Context, s *query.Source, d Definition, now, before Period, floor int,
) errorLog {
	var log errorLog
	by := []*catalog.Label{catalog.LabelChannel, catalog.LabelFault}
	read := func(p Period) query.Vector {
		v, err := s.Increase(ctx, rules.FaultVolume, p.From.UTC(), p.To.UTC(), by)
		log.Queries = append(log.Queries, v.Queries...)
		log.Status = query.Worst(log.Status, query.StatusOf(err))
		return v
	}
	current, old := read(now), read(before)
	hidden := tooFew(current, floor)
	for _, one := range current.Values {
		channel, fault := one.Labels.Of(catalog.LabelChannel), one.Labels.Of(catalog.LabelFault)
		switch {
		case !d.counts(channel) || one.Value == 0:
			continue
		case hidden[channel+fault]:
			log.Withheld++
			continue
		}
		e := errorCount{Channel: channel, Fault: fault}
		e.Count = display.Figure{Name: "Errors", Unit: display.Count, Value: new(one.Value)}
		if n, ok := old.Find(one.Labels); ok && n >= float64(floor) {
			e.Count.Previous = &n
		}
		log.All = append(log.All, e)
	}
	slices.SortStableFunc(log.All, func(a, b errorCount) int { return int(*b.Count.Value - *a.Count.Value) })
	return log
}

// tooFew returns the faults of a channel with fewer errors than the floor, and the smallest
// other one of that channel, since the sum of all can be known.
func tooFew(counts query.Vector, floor int) map[string]bool {
	hidden := map[string]bool{}
	for _, channel := range catalog.LabelChannel.Values {
		var next query.Value
		any := false
		for _, one := range counts.Values {
			switch {
			case one.Labels.Of(catalog.LabelChannel) != channel || one.Value == 0:
			case one.Value < float64(floor):
				hidden[channel+one.Labels.Of(catalog.LabelFault)], any = true, true
			case next.Labels == nil || one.Value < next.Value:
				next = one
			}
		}
		if any && next.Labels != nil {
			hidden[channel+next.Labels.Of(catalog.LabelFault)] = true
		}
	}
	return hidden
}
