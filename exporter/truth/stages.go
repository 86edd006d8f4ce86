package truth

import (
	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// stageOf returns the stage that an event of a notification means by itself.
func stageOf(e *event.Event) catalog.Stage {
	switch {
	case e.Type == catalog.EventBounced && e.BounceType == "hard":
		return catalog.StageBouncedHard
	case e.Type == catalog.EventOpened && e.Machine:
		return catalog.StageMachineOpened
	case e.Type == catalog.EventClicked && e.Machine:
		return catalog.StageMachineClicked
	}
	return stages[e.Type]
}

var stages = [catalog.NumEventTypes]catalog.Stage{
	catalog.EventSent:              catalog.StageSent,
	catalog.EventDelivered:         catalog.StageDelivered,
	catalog.EventFailed:            catalog.StageFailed,
	catalog.EventBounced:           catalog.StageBouncedSoft,
	catalog.EventOpened:            catalog.StageOpened,
	catalog.EventClicked:           catalog.StageClicked,
	catalog.EventConverted:         catalog.StageConverted,
	catalog.EventDismissed:         catalog.StageDismissed,
	catalog.EventComplained:        catalog.StageComplained,
	catalog.EventSuppressed:        catalog.StageSuppressed,
	catalog.EventPreferenceChanged: catalog.StageOptedOut,
	catalog.EventDeferred:          catalog.StageDeferred,
}

// engages reports whether a person engaged with the notification, not a program.
func engages(e *event.Event) bool {
	switch stageOf(e) {
	case catalog.StageOpened, catalog.StageClicked, catalog.StageConverted:
		return !e.Machine
	}
	return !e.Machine && len(e.Actions) > 0
}

// pretended reports whether a program did what counts only if a person does it.
func pretended(e *event.Event) bool {
	switch e.Type {
	case catalog.EventConverted, catalog.EventDismissed, catalog.EventComplained, catalog.EventPreferenceChanged:
		return e.Machine
	}
	return false
}

// stageSet holds a bit for each stage.
type stageSet uint32

func (s stageSet) has(stage catalog.Stage) bool { return s>>stage&1 == 1 }

// reached returns the stages that the facts show.
func reached(facts []fact) (all stageSet) {
	for i := range facts {
		f := &facts[i]
		if !f.counts {
			continue
		}
		all |= 1 << f.stage
		if f.engages {
			all |= 1 << catalog.StageEngaged
		}
		if f.stage == catalog.StageDelivered && failedBefore(facts, f.time) {
			all |= 1 << catalog.StageRecovered
		}
	}
	return all
}

// failedBefore reports whether a failure or a soft bounce happened no later than a
// time, in whichever order the events came.
func failedBefore(facts []fact, time int64) bool {
	for i := range facts {
		f := &facts[i]
		failed := f.stage == catalog.StageFailed || f.stage == catalog.StageBouncedSoft
		if f.counts && failed && f.time <= time {
			return true
		}
	}
	return false
}

// countStages counts the stages that the latest event reaches, what they mean for
// its user, and the durations that are known now.
func (p *partition) countStages(n *notification, x *entry) {
	latest := &n.facts[len(n.facts)-1]
	who, trial := p.meet(x)
	before, now := reached(n.facts[:len(n.facts)-1]), reached(n.facts)
	if n.sent() == latest {
		n.situation = p.situate(x, who)
		for stage := range catalog.Stage(catalog.NumStages) {
			if before.has(stage) { // counted without a situation so far
				p.countSituated(n, stage, x.at.channel)
			}
		}
	}
	for stage := range catalog.Stage(catalog.NumStages) {
		if now.has(stage) && !before.has(stage) {
			p.countStage(n, stage, x)
			trial.reach(stage)
		}
	}
	p.countFailure(n, x)
	p.countDurations(n, x)
}

// countStage counts a stage in every family that counts stages.
func (p *partition) countStage(n *notification, stage catalog.Stage, x *entry) {
	name, c := stage.String(), &x.at
	p.add(catalog.Stages, 1, name, c.channel, c.category, c.priority, x.provider)
	p.add(catalog.TemplateStages, 1, name, c.template, c.channel)
	p.add(catalog.AudienceStages, 1, name, c.platform, c.deviceType, c.channel)
	if p.options.Optional[catalog.CountryStages.Family] {
		p.add(catalog.CountryStages, 1, name, c.country, c.channel)
	}
	if p.options.Optional[catalog.AppVersionStages.Family] {
		p.add(catalog.AppVersionStages, 1, name, c.appVersion, c.platform)
	}
	if c.campaign != "" {
		p.add(catalog.CampaignStages, 1, name, c.campaign, c.channel)
	}
	if c.experiment != "" {
		p.add(catalog.ExperimentStages, 1, name, c.experiment, c.variant)
	}
	if n.sent() != nil {
		p.countSituated(n, stage, c.channel)
	}
	switch stage {
	case catalog.StageSuppressed:
		p.add(catalog.Suppressed, 1, c.channel, c.category, x.Reason)
	case catalog.StageSent:
		p.add(catalog.SLOStages, 1, "sent", "none", c.channel, x.provider)
	case catalog.StageRecovered:
		failure, _ := n.firstFailure()
		p.add(catalog.SLOStages, 1, "recovered", failure.fault, failure.channel, failure.provider)
	}
}

// firstFailure returns the first failure or bounce that counts, and whether it
// is the only one.
func (n *notification) firstFailure() (first *fact, only bool) {
	for i := range n.facts {
		f := &n.facts[i]
		if !f.counts || f.kind != catalog.EventFailed && f.kind != catalog.EventBounced {
			continue
		}
		if first != nil {
			return first, false
		}
		first = f
	}
	return first, first != nil
}

// countFailure counts the notification's first failure, of whichever kind, for
// the delivery objective.
func (p *partition) countFailure(n *notification, x *entry) {
	if first, only := n.firstFailure(); only && first == &n.facts[len(n.facts)-1] {
		p.add(catalog.SLOStages, 1, x.Type.String(), first.fault, first.channel, first.provider)
	}
}
