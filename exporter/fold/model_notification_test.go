package fold_test

import (
	"time"

	"belfry/exporter/catalog"
)

// foldNotification counts an event of a notification.
func (m *model) foldNotification(e *told) {
	n := m.notifications[e.NotificationID]
	if n == nil || !m.remembered(n.began) {
		n = &story{began: m.now}
		m.notifications[e.NotificationID] = n
	}
	var newest int64
	var retries uint32
	var provider string
	for _, before := range n.events {
		if before.ID == e.ID {
			m.add(catalog.EventsDuplicate, 1)
			return
		}
		newest, retries = max(newest, before.Time), max(retries, before.RetryCount.Value)
		provider = before.provider
	}
	m.route(e.UserID)
	m.read(e)
	e.provider = either(e.provider, provider)
	m.settle(n, e)
	if e.Time < newest {
		m.add(catalog.EventsOutOfOrder, 1)
	}
	m.foldItself(e)
	if e.RetryCount.Value > retries {
		at := e.at
		if e.Type == catalog.EventPreferenceChanged {
			at = e.own
		}
		m.add(catalog.Retries, float64(e.RetryCount.Value-retries), at[catalog.LabelChannel], e.provider)
	}
	n.events = append(n.events, e)
	if e.late {
		m.add(catalog.EventsLate, 1)
		return
	}
	if e.Change == "opt_in" {
		return
	}
	who := m.meet(e)
	m.situate(n, e, who)
	m.foldStages(n, e, who)
	m.foldDurations(n, e)
}

// sent is the event that the notification begins with, if it was told.
func (n *story) sent() *told {
	for _, e := range n.events {
		if e.Type == catalog.EventSent {
			return e
		}
	}
	return nil
}

// settle finds the labels under which the event counts, and whether it is late,
// an orphan, or in conflict with sent.
func (m *model) settle(n *story, e *told) {
	sent := n.sent()
	if sent == nil {
		e.at = e.own
		if e.Type != catalog.EventSent && e.Type != catalog.EventSuppressed && e.Change != "opt_in" {
			m.add(catalog.EventsOrphan, 1)
		}
		return
	}
	window := modelWindow
	if shorter, ok := m.stageWindows[e.stage()]; ok {
		window = shorter
	}
	e.late = e.Time > sent.Time+int64(window)
	e.at = context{}
	for label, own := range e.own {
		e.at[label] = either(sent.own[label], own)
	}
	for label, field := range map[*catalog.Label]string{
		catalog.LabelChannel: "channel", catalog.LabelCategory: "category", catalog.LabelPriority: "priority",
		catalog.LabelTemplate: "template", catalog.LabelCampaign: "campaign",
		catalog.LabelExperiment: "experiment", catalog.LabelVariant: "variant",
	} {
		if e.Type == catalog.EventPreferenceChanged && (field == "channel" || field == "category") {
			continue // those of the preference, not of the notification
		}
		if own := e.own[label]; own != "" && sent.own[label] != "" && own != sent.own[label] {
			m.add(catalog.ContextConflicts, 1, field)
		}
	}
}

// stage is the stage that an event means by itself.
func (e *told) stage() catalog.Stage {
	switch e.Type {
	case catalog.EventBounced:
		if e.BounceType == "hard" {
			return catalog.StageBouncedHard
		}
		return catalog.StageBouncedSoft
	case catalog.EventOpened:
		if e.Machine {
			return catalog.StageMachineOpened
		}
		return catalog.StageOpened
	case catalog.EventPreferenceChanged:
		return catalog.StageOptedOut
	}
	for stage := range catalog.Stage(catalog.NumStages) {
		if stage.String() == e.Type.String() {
			return stage
		}
	}
	panic("no stage for " + e.Type.String())
}

// engages reports whether the event shows a person at work.
func (e *told) engages() bool {
	switch e.stage() {
	case catalog.StageOpened, catalog.StageClicked, catalog.StageConverted:
		return true
	}
	return len(e.Actions) > 0 && !e.Machine
}

// within are the events that may change stages.
func within(events []*told) (in []*told) {
	for _, e := range events {
		if !e.late && e.Change != "opt_in" {
			in = append(in, e)
		}
	}
	return in
}

// reached are the stages that the events show.
func reached(events []*told) map[catalog.Stage]bool {
	stages := map[catalog.Stage]bool{}
	var failed, delivered []int64
	for _, e := range within(events) {
		stage := e.stage()
		stages[stage] = true
		if e.engages() {
			stages[catalog.StageEngaged] = true
		}
		switch stage {
		case catalog.StageFailed, catalog.StageBouncedSoft:
			failed = append(failed, e.Time)
		case catalog.StageDelivered:
			delivered = append(delivered, e.Time)
		}
	}
	for _, good := range delivered {
		for _, bad := range failed {
			if good >= bad {
				stages[catalog.StageRecovered] = true
			}
		}
	}
	return stages
}

// foldStages counts the stages that the latest event reaches first.
func (m *model) foldStages(n *story, e *told, who *person) {
	before := reached(n.events[:len(n.events)-1])
	for stage := range reached(n.events) {
		if before[stage] {
			continue
		}
		name, channel := stage.String(), e.at[catalog.LabelChannel]
		m.add(catalog.Stages, 1, name, channel, e.at[catalog.LabelCategory], e.at[catalog.LabelPriority], e.provider)
		m.add(catalog.TemplateStages, 1, name, e.at[catalog.LabelTemplate], channel)
		m.add(catalog.AudienceStages, 1, name, e.at[catalog.LabelPlatform], e.at[catalog.LabelDeviceType], channel)
		if campaign := e.at[catalog.LabelCampaign]; campaign != "" {
			m.add(catalog.CampaignStages, 1, name, campaign, channel)
		}
		if experiment := e.at[catalog.LabelExperiment]; experiment != "" {
			m.add(catalog.ExperimentStages, 1, name, experiment, e.at[catalog.LabelVariant])
			if who != nil {
				who.deeds = append(who.deeds, deed{experiment: experiment, stage: name})
			}
		}
		if stage == catalog.StageSuppressed {
			m.add(catalog.Suppressed, 1, channel, e.at[catalog.LabelCategory], e.Reason)
		}
		if sent := n.sent(); sent != nil && sent != e {
			m.foldSituated(n, stage, channel)
		}
		m.foldObjective(n, stage, e)
	}
	m.foldFailure(n, e)
}

// failures are the failed and bounced events in the window.
func failures(events []*told) (failures []*told) {
	for _, e := range within(events) {
		if e.Type == catalog.EventFailed || e.Type == catalog.EventBounced {
			failures = append(failures, e)
		}
	}
	return failures
}

// foldObjective counts that a notification was sent, and that it recovered.
func (m *model) foldObjective(n *story, stage catalog.Stage, e *told) {
	channel := e.at[catalog.LabelChannel]
	switch stage {
	case catalog.StageSent:
		m.add(catalog.SLOStages, 1, "sent", "none", channel, e.provider)
	case catalog.StageRecovered:
		first := failures(n.events)[0]
		m.add(catalog.SLOStages, 1, "recovered", m.fault(first), channel, first.provider)
	}
}

// foldFailure counts the notification's first failure, of whichever kind.
func (m *model) foldFailure(n *story, e *told) {
	if all := failures(n.events); len(all) == 1 && all[0] == e {
		m.add(catalog.SLOStages, 1, e.Type.String(), m.fault(e), e.at[catalog.LabelChannel], e.provider)
	}
}

// sentAt is when the producer says it sent the notification.
func (e *told) sentAt() int64 {
	if e.SentAt != 0 {
		return e.SentAt
	}
	return e.Time
}

// measure is one of the durations that begin with sent.
type measure struct {
	family catalog.Histogram
	ends   catalog.Stage
	end    func(*told) int64    // when it ended, as the producer says
	claim  func(*told) *float64 // how long it took, as the producer says
}

var measures = []measure{
	{catalog.TimeToOpen, catalog.StageOpened, func(e *told) int64 { return e.OpenedAt }, func(e *told) *float64 { return known(e.TimeToOpen.Value, e.TimeToOpen.Known) }},
	{catalog.TimeToClick, catalog.StageClicked, func(e *told) int64 { return e.ClickedAt }, func(e *told) *float64 { return known(e.TimeToClick.Value, e.TimeToClick.Known) }},
	{catalog.TimeToConvert, catalog.StageConverted, func(e *told) int64 { return e.ConvertedAt }, func(e *told) *float64 { return known(e.TimeToConvert.Value, e.TimeToConvert.Known) }},
}

func known(v float64, known bool) *float64 {
	if !known || v == 0 {
		return nil
	}
	return &v
}

// first is the first of the events in the window that reaches a stage.
func first(events []*told, stage catalog.Stage) *told {
	for _, e := range within(events) {
		if e.stage() == stage {
			return e
		}
	}
	return nil
}

// foldDurations observes what the latest event makes known: the duration that
// it is first to end, or if it is the first sent, those that waited for it.
func (m *model) foldDurations(n *story, e *told) {
	sent := n.sent()
	m.foldLatency(n, sent, e)
	for _, d := range measures {
		end := first(n.events, d.ends)
		if end == nil || end != e && sent != e {
			continue
		}
		waited := end != e // sent came behind it
		ended := d.end(end)
		if ended == 0 {
			ended = end.Time
		}
		claim := d.claim(end)
		switch {
		case sent == nil && claim != nil:
			m.observe(d.family, *claim, e.at[catalog.LabelChannel], e.at[catalog.LabelCategory])
		case sent == nil, waited && claim != nil:
		default:
			m.difference(d.family, ended-sent.sentAt(), e.at[catalog.LabelChannel], e.at[catalog.LabelCategory])
		}
	}
}

func (m *model) foldLatency(n *story, sent, e *told) {
	end := first(n.events, catalog.StageDelivered)
	if end == nil || end != e && sent != e {
		return
	}
	labels := []string{e.at[catalog.LabelChannel], end.provider, e.at[catalog.LabelPriority]}
	own := end.DeliveryLatency.Known || end.SentAt != 0 && end.DeliveredAt != 0
	switch {
	case own && end != e: // observed when it came
	case end.DeliveryLatency.Known:
		m.observe(catalog.DeliveryLatency, end.DeliveryLatency.Value, labels...)
	case own:
		m.difference(catalog.DeliveryLatency, end.DeliveredAt-end.SentAt, labels...)
	case sent != nil:
		m.difference(catalog.DeliveryLatency, end.Time-sent.Time, labels...)
	}
}

// difference observes the difference of two times unless it is negative.
func (m *model) difference(family catalog.Histogram, nanoseconds int64, labels ...string) {
	if nanoseconds < 0 {
		m.add(catalog.EventsClockSkew, 1)
		return
	}
	m.observe(family, time.Duration(nanoseconds).Seconds(), labels...)
}
