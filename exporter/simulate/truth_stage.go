package simulate

import (
	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// enterStages books the stages that an event reaches, each once for its
// notification.
func (t *Truth) enterStages(n *entry) {
	if n.first {
		t.enterStage(stageOf(n.Event), n)
	}
	if n.first && n.Type == catalog.EventSuppressed {
		t.add(catalog.Suppressed, 1, label(n.labels.channel), label(n.labels.category), n.Reason)
	}
	if engages(n.Event) && n.of.reach(catalog.StageEngaged) {
		t.enterStage(catalog.StageEngaged, n)
	}
}

// stageOf is the stage that an event of a notification stands for.
func stageOf(e *event.Event) catalog.Stage {
	switch {
	case e.Type == catalog.EventBounced && e.BounceType == "hard":
		return catalog.StageBouncedHard
	case e.Type == catalog.EventOpened && e.Machine:
		return catalog.StageMachineOpened
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
}

// engages reports whether an event shows a person at work.
func engages(e *event.Event) bool {
	switch {
	case e.Machine:
		return false
	case e.Type == catalog.EventOpened, e.Type == catalog.EventClicked, e.Type == catalog.EventConverted:
		return true
	default:
		return len(e.Actions) > 0
	}
}

// enterStage books a stage in every family that counts stages.
func (t *Truth) enterStage(stage catalog.Stage, n *entry) {
	name, l, channel := stage.String(), n.labels, label(n.labels.channel)
	t.add(catalog.Stages, 1, name, channel, label(l.category), label(l.priority), label(n.provider))
	t.add(catalog.TemplateStages, 1, name, label(l.template), channel)
	t.add(catalog.AudienceStages, 1, name, label(l.platform), label(l.deviceType), channel)
	if l.campaign != "" {
		t.add(catalog.CampaignStages, 1, name, l.campaign, channel)
	}
	if l.experiment != "" {
		t.add(catalog.ExperimentStages, 1, name, l.experiment, label(l.variant))
	}
	t.enterSituated(stage, n)
	n.trial.reach(stage)
}

// enterObjective books what the delivery objective is computed from: the
// sending, the first failure of a notification, and its recovery.
func (t *Truth) enterObjective(n *entry) {
	r, channel, provider := n.of, label(n.labels.channel), label(n.provider)
	switch n.Type {
	case catalog.EventSent:
		t.add(catalog.SLOStages, 1, "sent", "none", channel, provider)
	case catalog.EventDelivered:
		r.latestDelivery = max(r.latestDelivery, n.Time)
	case catalog.EventFailed, catalog.EventBounced:
		if r.failureFault == "" {
			r.failureFault, r.failureProvider = fault(n.Event), provider
			t.add(catalog.SLOStages, 1, n.Type.String(), r.failureFault, channel, provider)
		}
		passes := stageOf(n.Event) != catalog.StageBouncedHard
		if passes && (r.earliestFailure == 0 || n.Time < r.earliestFailure) {
			r.earliestFailure = n.Time
		}
	}
	if r.earliestFailure == 0 || r.latestDelivery < r.earliestFailure {
		return
	}
	if r.reach(catalog.StageRecovered) {
		t.enterStage(catalog.StageRecovered, n)
		t.add(catalog.SLOStages, 1, "recovered", r.failureFault, channel, r.failureProvider)
	}
}
