package analytics

import (
	"fmt"
	"slices"

	"belfry/exporter/catalog"
	"belfry/insights/query"
)

// stages counts notifications by the stages that they reached.
type stages [catalog.NumStages]float64

// reading lists the stages that analytics reads.
var reading = []catalog.Stage{
	catalog.StageSent, catalog.StageDelivered, catalog.StageFailed, catalog.StageBouncedHard, catalog.StageBouncedSoft,
	catalog.StageRecovered, catalog.StageOpened, catalog.StageMachineOpened, catalog.StageClicked,
	catalog.StageMachineClicked, catalog.StageConverted, catalog.StageEngaged, catalog.StageComplained,
	catalog.StageOptedOut,
}

// reacting lists the stages of Reactions, and bySendHour those of them that are counted
// by the hour of sending.
var (
	reacting = []catalog.Stage{
		catalog.StageSent, catalog.StageDelivered, catalog.StageOpened, catalog.StageEngaged, catalog.StageOptedOut,
	}
	bySendHour = []catalog.Stage{catalog.StageSent, catalog.StageDelivered, catalog.StageEngaged}
)

// peopled lists the stages of which a part of the audience can be seen.
var peopled = []catalog.Stage{catalog.StageSent, catalog.StageDelivered, catalog.StageOpened, catalog.StageEngaged}

// stageOf returns the stage of a row, and whether it has one.
func stageOf(l query.Labels) (catalog.Stage, bool) {
	name := l.Of(catalog.LabelStage)
	for _, s := range reading {
		if s.String() == name {
			return s, true
		}
	}
	return 0, false
}

func (s *stages) add(other stages) {
	for i, n := range other {
		s[i] += n
	}
}

// people returns an upper bound of how many users the counts are about: everybody who
// was sent a notification, and where nobody was, everybody who reacted to one.
func (s stages) people() float64 {
	if s[catalog.StageSent] > 0 {
		return s[catalog.StageSent]
	}
	most := 0.0
	for _, n := range s {
		most = max(most, n)
	}
	return most
}

// failures counts notifications that failed or bounced and did not arrive later.
func (s stages) failures() float64 {
	return s[catalog.StageFailed] + s[catalog.StageBouncedHard] + s[catalog.StageBouncedSoft] - s[catalog.StageRecovered]
}

// Counts says how many notifications reached the stages in a period.
type Counts struct {
	Sent           Figure `json:"sent"`
	Delivered      Figure `json:"delivered"`
	Failed         Figure `json:"failed"`
	Bounced        Figure `json:"bounced"`
	Opened         Figure `json:"opened"`
	Clicked        Figure `json:"clicked"`
	Converted      Figure `json:"converted"`
	Engaged        Figure `json:"engaged"`
	Complained     Figure `json:"complained"`
	OptedOut       Figure `json:"opted_out"`
	MachineOpened  Figure `json:"machine_opened"`
	MachineClicked Figure `json:"machine_clicked"`
}

// Rates are shares of notifications, each counted once. What machines did is in none
// of them.
type Rates struct {
	// Delivery is delivered per sent.
	Delivery Figure `json:"delivery_rate"`
	// Open, Click, Conversion and Engagement are per delivered.
	Open       Figure `json:"open_rate"`
	Click      Figure `json:"click_rate"`
	Conversion Figure `json:"conversion_rate"`
	Engagement Figure `json:"engagement_rate"`
	// ClickToOpen is clicked per opened.
	ClickToOpen Figure `json:"click_to_open_rate"`
	// Failure is per sent what failed or bounced and did not arrive later.
	Failure Figure `json:"failure_rate"`
}

// pair holds what one cell counted in the period and in the one before, each nil if it
// is withheld.
type pair struct {
	now, before *stages
	known       []catalog.Stage // nil if all are known
}

// figure compares a number of both periods, which is of the stages.
func (p pair) figure(of func(stages) number, read ...catalog.Stage) Figure {
	for _, stage := range read {
		if p.known != nil && !slices.Contains(p.known, stage) {
			return Figure{Reason: fmt.Sprintf("%s is not counted in this breakdown", stage)}
		}
	}
	number := func(s *stages) number {
		if s == nil {
			return unknown("withheld")
		}
		return of(*s)
	}
	return compare(number(p.now), number(p.before))
}

func (p pair) count(reached ...catalog.Stage) Figure {
	return p.figure(func(s stages) number {
		sum := 0.0
		for _, stage := range reached {
			sum += s[stage]
		}
		return known(sum)
	}, reached...)
}

func (p pair) rate(part, whole catalog.Stage) Figure {
	return p.figure(func(s stages) number { return ratio(s[part], s[whole], whole.String()) }, part, whole)
}

func (p pair) counts() Counts {
	return Counts{
		Sent: p.count(catalog.StageSent), Delivered: p.count(catalog.StageDelivered),
		Failed: p.count(catalog.StageFailed), Bounced: p.count(catalog.StageBouncedHard, catalog.StageBouncedSoft),
		Opened: p.count(catalog.StageOpened), Clicked: p.count(catalog.StageClicked),
		Converted: p.count(catalog.StageConverted), Engaged: p.count(catalog.StageEngaged),
		Complained: p.count(catalog.StageComplained), OptedOut: p.count(catalog.StageOptedOut),
		MachineOpened: p.count(catalog.StageMachineOpened), MachineClicked: p.count(catalog.StageMachineClicked),
	}
}

func (p pair) rates() Rates {
	return Rates{
		Delivery:    p.rate(catalog.StageDelivered, catalog.StageSent),
		Open:        p.rate(catalog.StageOpened, catalog.StageDelivered),
		Click:       p.rate(catalog.StageClicked, catalog.StageDelivered),
		Conversion:  p.rate(catalog.StageConverted, catalog.StageDelivered),
		Engagement:  p.rate(catalog.StageEngaged, catalog.StageDelivered),
		ClickToOpen: p.rate(catalog.StageClicked, catalog.StageOpened),
		Failure: p.figure(func(s stages) number {
			return ratio(s.failures(), s[catalog.StageSent], catalog.StageSent.String())
		}, catalog.StageFailed, catalog.StageSent),
	}
}
