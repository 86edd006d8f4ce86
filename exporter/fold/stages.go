package fold

import (
	"slices"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// stageOfType maps the event types that always mean the same stage.
var stageOfType = [catalog.NumEventTypes]catalog.Stage{
	catalog.EventSent: catalog.StageSent, catalog.EventDelivered: catalog.StageDelivered,
	catalog.EventFailed: catalog.StageFailed, catalog.EventClicked: catalog.StageClicked,
	catalog.EventConverted: catalog.StageConverted, catalog.EventDismissed: catalog.StageDismissed,
	catalog.EventComplained: catalog.StageComplained, catalog.EventSuppressed: catalog.StageSuppressed,
	catalog.EventDeferred:          catalog.StageDeferred,
	catalog.EventPreferenceChanged: catalog.StageOptedOut, // the only change that comes here
}

// stageOf returns the stage that an event of a notification means.
func stageOf(e *event.Event) catalog.Stage {
	switch {
	case e.Type == catalog.EventBounced && e.BounceType == catalog.BounceHard:
		return catalog.StageBouncedHard
	case e.Type == catalog.EventBounced:
		return catalog.StageBouncedSoft
	case e.Type == catalog.EventOpened && e.Machine:
		return catalog.StageMachineOpened
	case e.Type == catalog.EventOpened:
		return catalog.StageOpened
	case e.Type == catalog.EventClicked && e.Machine:
		return catalog.StageMachineClicked
	default:
		return stageOfType[e.Type]
	}
}

// onlyPeople reports whether only a person can reach a stage. A program that does
// the same reaches none.
func onlyPeople(stage catalog.Stage) bool {
	switch stage {
	case catalog.StageOpened, catalog.StageClicked, catalog.StageConverted, catalog.StageDismissed,
		catalog.StageComplained, catalog.StageOptedOut:
		return true
	default:
		return false
	}
}

// engages reports whether a person engaged with the notification, not a program.
func engages(e *event.Event, stage catalog.Stage) bool {
	if e.Machine {
		return false
	}
	switch stage {
	case catalog.StageOpened, catalog.StageClicked, catalog.StageConverted:
		return true
	default:
		return len(e.Actions) > 0
	}
}

// countStages counts the stages that an event in the attribution window reaches.
func (s *State) countStages(e *event.Event, n *Notification, a attribution) {
	if a.stage == catalog.StageSent && !n.has(a.stage) {
		s.situate(e, n, a)
	}
	first := s.reach(a.stage, n, a)
	if first && a.stage == catalog.StageSent {
		s.countObjective(s.constants.sloSent, s.constants.faultNone, a.at.Channel, a.provider)
	}
	if a.arm != nil && a.stage == catalog.StageConverted && e.Value.Currency != "" {
		s.addValue(a.arm, e.Value.Amount)
	}
	if first && a.stage == catalog.StageSuppressed {
		s.add(catalog.Suppressed, 1, a.at.Channel, a.at.Category, s.labels.of(catalog.LabelReason, e.Reason))
	}
	if a.engages {
		s.reach(catalog.StageEngaged, n, a)
	}
	s.countOutcome(e, n, a)
}

// countOutcome follows failures and deliveries. The first failure counts for the
// objective. A delivery that is not older than the first failure makes up for it,
// in whichever order the two arrive: the recovery is counted under the labels of the
// failure that it takes back.
func (s *State) countOutcome(e *event.Event, n *Notification, a attribution) {
	switch a.stage {
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
	if a.stage != catalog.StageDelivered && !n.SLOBooked {
		n.SLOBooked, n.SLOFault, n.SLOChannel, n.SLOProvider = true, a.fault, a.at.Channel, a.provider
		failure := s.constants.sloBounced
		if a.stage == catalog.StageFailed {
			failure = s.constants.sloFailed
		}
		s.countObjective(failure, a.fault, a.at.Channel, a.provider)
	}
	if n.FirstFailure != 0 && n.LastDelivery >= n.FirstFailure && s.reach(catalog.StageRecovered, n, a) {
		channel := s.labels.orUnknown(catalog.LabelChannel, n.SLOChannel) // None in records of earlier versions
		s.countObjective(s.constants.sloRecovered, n.SLOFault, channel, n.SLOProvider)
	}
}

// everyStage lists all stages, sendHourStages those of catalog.SendHourStages.
var (
	everyStage = func() (all []catalog.Stage) {
		for stage := range catalog.Stage(catalog.NumStages) {
			all = append(all, stage)
		}
		return all
	}()
	sendHourStages = []catalog.Stage{
		catalog.StageSent, catalog.StageDelivered, catalog.StageEngaged, catalog.StageConverted,
	}
)

// reach counts a stage in every family of stages, unless the notification had
// reached it before.
func (s *State) reach(stage catalog.Stage, n *Notification, a attribution) (first bool) {
	if n.has(stage) {
		return false
	}
	n.Stages |= 1 << stage
	at := &a.at
	s.countStage(catalog.Stages, everyStage, stage, at.Channel, at.Category, at.Priority, a.provider)
	s.countStage(catalog.TemplateStages, everyStage, stage, at.Template, at.Channel)
	if at.Campaign != metrics.None {
		s.countStage(catalog.CampaignStages, everyStage, stage, at.Campaign, at.Channel)
	}
	s.countStage(catalog.AudienceStages, everyStage, stage, at.Platform, at.DeviceType, at.Channel)
	if s.countries {
		s.countStage(catalog.CountryStages, everyStage, stage, at.Country, at.Channel)
	}
	if s.versions {
		s.countStage(catalog.AppVersionStages, everyStage, stage, at.AppVersion, at.Platform)
	}
	if at.Experiment != metrics.None {
		s.countStage(catalog.ExperimentStages, everyStage, stage, at.Experiment, at.Variant)
	}
	if n.Sent {
		s.reachSituated(stage, n, at.Channel)
	}
	if a.arm != nil {
		s.reachExperiment(a.arm, stage)
	}
	return true
}

// countStage adds one to a family whose first label is the stage. With the first
// stage of a label set the others are born, at 0.
func (s *State) countStage(c catalog.Counter, stages []catalog.Stage, stage catalog.Stage, rest ...metrics.Symbol) {
	var symbols [5]metrics.Symbol
	set := symbols[:1+copy(symbols[1:], rest)]
	set[0] = metrics.Symbol(stage)
	if !s.add(c, 1, set...) {
		return
	}
	for _, other := range stages {
		set[0] = metrics.Symbol(other)
		s.born(c, set...)
	}
}

// bearStages creates, at 0, the stages that the catalogue has gained since a state
// was stored.
func (s *State) bearStages() {
	for _, c := range [...]catalog.Counter{
		catalog.Stages, catalog.TemplateStages, catalog.CampaignStages, catalog.AudienceStages,
		catalog.CountryStages, catalog.AppVersionStages,
		catalog.ExperimentStages, catalog.ExperimentUsers, catalog.FrequencyStages,
	} {
		for _, set := range s.table.Counter(c).Sets() {
			for _, stage := range everyStage {
				set[0] = metrics.Symbol(stage)
				s.born(c, set...)
			}
		}
	}
}

// situate records the local time of the user when the notification was sent, and
// how many others came before. Stages that it reached before its sent event came
// are counted under both now.
func (s *State) situate(e *event.Event, n *Notification, a attribution) {
	n.Hour, n.Weekday = s.localTime(e.Timezone, n.SentAt)
	n.Recent = s.constants.recent[0]
	if a.user != nil {
		n.Recent = s.constants.recent[countRecent(a.user, n.SentAt)]
	}
	for _, stage := range everyStage {
		if n.has(stage) {
			s.reachSituated(stage, n, a.at.Channel)
		}
	}
}

// reachSituated counts a stage by the local time and by how many sends came before.
func (s *State) reachSituated(stage catalog.Stage, n *Notification, channel metrics.Symbol) {
	s.countStage(catalog.FrequencyStages, everyStage, stage, channel, n.Recent)
	if slices.Contains(sendHourStages, stage) {
		s.countStage(catalog.SendHourStages, sendHourStages, stage, channel, n.Hour, n.Weekday)
	}
}

// countObjective counts a stage for the delivery objective. With the first stage of a
// provider on a channel its failures and known error codes are born, at 0.
func (s *State) countObjective(stage, fault, channel, provider metrics.Symbol) {
	if !s.add(catalog.SLOStages, 1, stage, fault, channel, provider) {
		return
	}
	c := s.constants
	s.born(catalog.SLOStages, c.sloSent, c.faultNone, channel, provider)
	for _, failure := range [...]metrics.Symbol{c.sloFailed, c.sloBounced, c.sloRecovered} {
		for _, fault := range c.failureFaults {
			s.born(catalog.SLOStages, failure, fault, channel, provider)
		}
	}
	for _, known := range s.knownErrors {
		s.born(catalog.Errors, channel, provider, known.code, known.fault)
	}
}
