package fold

import (
	"slices"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// stageOf is the stage of the event types that always mean the same one.
var stageOf = [catalog.NumEventTypes]catalog.Stage{
	catalog.EventSent: catalog.StageSent, catalog.EventDelivered: catalog.StageDelivered,
	catalog.EventFailed: catalog.StageFailed, catalog.EventClicked: catalog.StageClicked,
	catalog.EventConverted: catalog.StageConverted, catalog.EventDismissed: catalog.StageDismissed,
	catalog.EventComplained: catalog.StageComplained, catalog.EventSuppressed: catalog.StageSuppressed,
	catalog.EventPreferenceChanged: catalog.StageOptedOut, // the only change that comes here
}

// stage returns the stage that an event of a notification means.
func stage(e *event.Event) catalog.Stage {
	switch {
	case e.Type == catalog.EventBounced && e.BounceType == catalog.BounceTypes[0]:
		return catalog.StageBouncedHard
	case e.Type == catalog.EventBounced:
		return catalog.StageBouncedSoft
	case e.Type == catalog.EventOpened && e.Machine:
		return catalog.StageMachineOpened
	case e.Type == catalog.EventOpened:
		return catalog.StageOpened
	default:
		return stageOf[e.Type]
	}
}

// countStages books the stages that an event in the attribution window reaches.
func (s *State) countStages(e *event.Event, n *Notification, b booking) {
	reached := stage(e)
	if reached == catalog.StageSent && !n.has(reached) {
		s.situate(e, n, b)
	}
	first := s.reach(reached, n, b)
	if first && reached == catalog.StageSent {
		s.bookObjective(catalog.StageSent, s.faultNone, b.at.Channel, b.provider)
	}
	if b.arm != nil && reached == catalog.StageConverted && e.Value.Currency != "" {
		s.addValue(b.arm, e.Value.Amount)
	}
	if first && reached == catalog.StageSuppressed {
		s.suppressed.Add(1, b.at.Channel, b.at.Category, s.reason.Of(e.Reason))
	}
	if engages(e, reached) {
		s.reach(catalog.StageEngaged, n, b)
	}
	s.countOutcome(e, reached, n, b)
}

// engages reports whether the event shows a person at work.
func engages(e *event.Event, reached catalog.Stage) bool {
	switch reached {
	case catalog.StageOpened, catalog.StageClicked, catalog.StageConverted:
		return true
	default:
		return len(e.Actions) > 0 && !e.Machine
	}
}

// countOutcome follows failures and deliveries: the first failure is booked
// for the objective, and a delivery that is not older than the first failure
// makes it good again, in whichever order the two arrive.
func (s *State) countOutcome(e *event.Event, reached catalog.Stage, n *Notification, b booking) {
	switch reached {
	case catalog.StageFailed, catalog.StageBouncedSoft:
		if n.FirstFailure == 0 || e.Time < n.FirstFailure {
			n.FirstFailure = e.Time
		}
	case catalog.StageDelivered:
		n.LastDelivery = max(n.LastDelivery, e.Time)
	case catalog.StageBouncedHard:
	default:
		return
	}
	if reached != catalog.StageDelivered && !n.SLOBooked {
		fault := s.faultOf(e)
		n.SLOBooked, n.SLOFault, n.SLOProvider = true, fault, b.provider
		s.bookObjective(reached, fault, b.at.Channel, b.provider)
	}
	if n.FirstFailure != 0 && n.LastDelivery >= n.FirstFailure && s.reach(catalog.StageRecovered, n, b) {
		s.bookObjective(catalog.StageRecovered, n.SLOFault, b.at.Channel, n.SLOProvider)
	}
}

// reach books a stage under every family of stages, unless the notification
// had reached it before. All stages of a label set are born together at 0.
func (s *State) reach(stage catalog.Stage, n *Notification, b booking) (first bool) {
	if n.has(stage) {
		return false
	}
	n.Stages |= 1 << stage
	at, sym := &b.at, metrics.Symbol(stage)
	if s.stages.Add(1, sym, at.Channel, at.Category, at.Priority, b.provider) {
		eachStage(func(o metrics.Symbol) { s.stages.Born(o, at.Channel, at.Category, at.Priority, b.provider) })
	}
	if s.templateStages.Add(1, sym, at.Template, at.Channel) {
		eachStage(func(o metrics.Symbol) { s.templateStages.Born(o, at.Template, at.Channel) })
	}
	if at.Campaign != metrics.None && s.campaignStages.Add(1, sym, at.Campaign, at.Channel) {
		eachStage(func(o metrics.Symbol) { s.campaignStages.Born(o, at.Campaign, at.Channel) })
	}
	if s.audienceStages.Add(1, sym, at.Platform, at.DeviceType, at.Channel) {
		eachStage(func(o metrics.Symbol) { s.audienceStages.Born(o, at.Platform, at.DeviceType, at.Channel) })
	}
	if at.Experiment != metrics.None && s.experimentStages.Add(1, sym, at.Experiment, at.Variant) {
		eachStage(func(o metrics.Symbol) { s.experimentStages.Born(o, at.Experiment, at.Variant) })
	}
	if n.Sent {
		s.reachSituated(stage, n, at.Channel)
	}
	if b.arm != nil {
		s.reachExperiment(b.arm, stage)
	}
	return true
}

// sendHourStages are the stages of catalog.SendHourStages.
var sendHourStages = [...]catalog.Stage{catalog.StageSent, catalog.StageDelivered, catalog.StageEngaged, catalog.StageConverted}

// situate fixes when, in the user's own time, and after how many others the
// notification was sent. Stages that it reached before its sent event came are
// booked there now.
func (s *State) situate(e *event.Event, n *Notification, b booking) {
	n.Hour, n.Weekday = s.localTime(e.Timezone, n.SentAt)
	n.Recent = 0
	if b.user != nil {
		n.Recent = countRecent(b.user, n.SentAt)
	}
	for stage := range catalog.Stage(catalog.NumStages) {
		if n.has(stage) {
			s.reachSituated(stage, n, b.at.Channel)
		}
	}
}

// reachSituated books a stage under when and after how many others it was sent.
func (s *State) reachSituated(stage catalog.Stage, n *Notification, channel metrics.Symbol) {
	sym := metrics.Symbol(stage)
	if s.frequencyStages.Add(1, sym, channel, n.Recent) {
		eachStage(func(o metrics.Symbol) { s.frequencyStages.Born(o, channel, n.Recent) })
	}
	if slices.Contains(sendHourStages[:], stage) && s.sendHourStages.Add(1, sym, channel, n.Hour, n.Weekday) {
		for _, o := range sendHourStages {
			s.sendHourStages.Born(metrics.Symbol(o), channel, n.Hour, n.Weekday)
		}
	}
}

func eachStage(do func(metrics.Symbol)) {
	for stage := range catalog.NumStages {
		do(metrics.Symbol(stage))
	}
}

// The stages of catalog.SLOStages, as indexes of its label's values.
const (
	sloSent metrics.Symbol = iota
	sloFailed
	sloBounced
	sloRecovered
)

// bookObjective books a stage for the delivery objective. With the first of a
// provider on a channel its failures and known error codes are born at 0.
func (s *State) bookObjective(stage catalog.Stage, fault, channel, provider metrics.Symbol) {
	sym := sloBounced
	switch stage {
	case catalog.StageSent:
		sym = sloSent
	case catalog.StageFailed:
		sym = sloFailed
	case catalog.StageRecovered:
		sym = sloRecovered
	}
	if s.sloStages.Add(1, sym, fault, channel, provider) {
		s.sloStages.Born(sloSent, s.faultNone, channel, provider)
		for _, failure := range []metrics.Symbol{sloFailed, sloBounced, sloRecovered} {
			for fault := range s.faultNone {
				s.sloStages.Born(failure, fault, channel, provider)
			}
		}
		for _, known := range s.knownErrors {
			s.errors.Born(channel, provider, known.code, known.fault)
		}
	}
}
