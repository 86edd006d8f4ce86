package fold_test

import (
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/fold"
)

// model is a second fold, written to be obviously right: it keeps every event
// in a list and finds everything out by looking through the list again. It
// shares nothing with the fold but the catalogue and the decoder.
type model struct {
	userKey      string
	faults       map[string]string
	labelLimits  map[*catalog.Label]int
	stageWindows map[catalog.Stage]time.Duration

	now      int64
	counts   map[string]float64   // counters, by series
	observed map[string][]float64 // histograms and summaries, by series
	gauges   map[string]reading
	names    map[string]string // the latest name of each template
	admitted map[*catalog.Label]map[string]bool
	unknown  map[string]bool

	notifications map[string]*story
	outside       map[string]int64 // event id to the time it was first seen
	people        map[string]*person
	gone          []*person // forgotten, or not heard of for long
}

// story is all that was told of one notification.
type story struct {
	began  int64
	events []*told
	// recent and local are the class and time of its sending.
	recent string
	local  time.Time
}

// told is one event as it was folded.
type told struct {
	event.Event
	own      context // what the event itself carries
	at       context // what it counts under
	provider string
	late     bool
}

// context is the values of a notification's labels; an absent one is empty.
type context map[*catalog.Label]string

// reading is a gauge's value and when it was set.
type reading struct {
	value   float64
	at      int64
	expires bool
}

const (
	modelWindow = 7 * 24 * time.Hour
	modelAge    = 14 * 24 * time.Hour
	modelLead   = 5 * time.Minute
)

func newModel(o fold.Options) *model {
	return &model{
		userKey: string(o.UserKey), faults: o.Faults, labelLimits: o.Table.LabelLimits, stageWindows: o.StageWindows,
		counts: map[string]float64{}, observed: map[string][]float64{}, gauges: map[string]reading{}, names: map[string]string{},
		admitted: map[*catalog.Label]map[string]bool{}, unknown: map[string]bool{},
		notifications: map[string]*story{}, outside: map[string]int64{}, people: map[string]*person{},
	}
}

// oddKeys is the partition of every key in the model's world: a key of odd
// length lies elsewhere.
func oddKeys(key string, _ int) int { return len(key) % 2 }

// fold counts one message.
func (m *model) fold(message fold.Message) {
	m.now = max(m.now, message.Time)
	d, e := event.NewDecoder(nil), &told{}
	rejection := d.Decode([]byte(string(message.Data)), &e.Event)
	if rejection != nil {
		m.add(catalog.EventsRejected, 1, rejection.Reason.String())
		return
	}
	if !m.inTime(e, message.Time) {
		m.add(catalog.EventsRejected, 1, catalog.ReasonBadTimestamp.String())
		return
	}
	for _, name := range d.UnknownFields() {
		m.unknown[name] = true
	}
	if e.NotificationID == "" {
		m.foldOutside(e)
	} else {
		m.foldNotification(e)
	}
}

// inTime moves the stream's time on and reports whether the event is young
// enough, and not from the future.
func (m *model) inTime(e *told, received int64) bool {
	lead := modelLead
	switch {
	case received > 0:
	case e.ReceivedAt > 0:
		m.now = max(m.now, e.ReceivedAt)
	case m.now == 0:
		m.now = e.Time
		return true
	default:
		lead = modelAge
	}
	if e.Time > m.now+int64(lead) || e.Time < m.now-int64(modelAge) {
		return false
	}
	if received == 0 && e.ReceivedAt == 0 {
		m.now = max(m.now, e.Time)
	}
	return true
}

// day and month count since 1970.
func day(t int64) int64   { return t / int64(24*time.Hour) }
func month(t int64) int64 { return t / int64(30*24*time.Hour) }

// remembered reports whether what began at a time is still known.
func (m *model) remembered(began int64) bool {
	return day(began) >= day(m.now-int64(modelWindow+fold.Grace))
}

func (m *model) foldOutside(e *told) {
	if first, seen := m.outside[e.ID]; seen && m.remembered(first) {
		m.add(catalog.EventsDuplicate, 1)
		return
	}
	m.outside[e.ID] = m.now
	e.own, e.at = context{}, context{}
	switch e.Type {
	case catalog.EventPerformance:
		m.route(e.System.Component)
		m.foldSystem(e)
	case catalog.EventForget:
		m.forget(e)
	default:
		m.route(e.UserID)
		m.read(e)
		e.at = e.own
	}
	m.foldItself(e)
}

func (m *model) route(key string) {
	if oddKeys(key, 2) != 0 {
		m.add(catalog.EventsMisrouted, 1)
	}
}

// read notes which label values the event carries.
func (m *model) read(e *told) {
	e.own = context{}
	for label, value := range map[*catalog.Label]string{
		catalog.LabelChannel: e.Channel, catalog.LabelCategory: e.Category, catalog.LabelPriority: e.Priority,
		catalog.LabelTemplate: e.Template, catalog.LabelCampaign: e.Campaign, catalog.LabelPlatform: e.Platform,
		catalog.LabelDeviceType: e.DeviceType, catalog.LabelExperiment: e.Experiment, catalog.LabelVariant: e.Variant,
	} {
		e.own[label] = m.value(label, value)
	}
	e.provider = m.value(catalog.LabelProvider, e.Provider)
}

// value is what a value is shown as: itself, or "other" if it is none of the
// known ones, looks like an address, or the label has too many already.
func (m *model) value(label *catalog.Label, value string) string {
	if value == "" || value == catalog.Unknown || value == catalog.Other && label.Known(value) {
		return value
	}
	known := label.Known(value)
	if _, listed := m.faults[value]; listed && label == catalog.LabelErrorCode {
		known = true // whatever the limit
	} else if label.Free() {
		set := m.admitted[label]
		if set == nil {
			set = map[string]bool{}
			m.admitted[label] = set
		}
		limit, limited := m.labelLimits[label]
		if !limited {
			limit = label.Limit
		}
		known = set[value] || len(set) < limit && !strings.ContainsAny(value, "@\n") && !strings.Contains(value, "://") && len(value) <= 128
		if known {
			set[value] = true
		}
	}
	if !known {
		m.add(catalog.LabelOverflow, 1, "any", label.Name)
		return catalog.Other
	}
	return value
}

// foldItself counts what belongs to the event alone.
func (m *model) foldItself(e *told) {
	at := e.at
	if e.Type == catalog.EventPreferenceChanged {
		at = e.own
		m.add(catalog.PreferenceChangesTotal, 1, at[catalog.LabelChannel], at[catalog.LabelCategory], e.Change)
		m.add(catalog.Events, 1, e.Type.String(), at[catalog.LabelChannel], at[catalog.LabelCategory], "", "")
	} else {
		m.add(catalog.Events, 1, e.Type.String(), at[catalog.LabelChannel], at[catalog.LabelCategory], at[catalog.LabelPriority], e.provider)
	}
	channel := at[catalog.LabelChannel]
	if e.Type == catalog.EventFailed || e.Type == catalog.EventBounced {
		m.add(catalog.Errors, 1, channel, e.provider, m.value(catalog.LabelErrorCode, e.ErrorCode), m.fault(e))
	}
	for _, action := range e.Actions {
		m.add(catalog.Actions, 1, channel, m.value(catalog.LabelAction, action))
	}
	for i, step := range catalog.Steps {
		if took := e.Steps[i]; took.Known {
			m.observe(catalog.Processing, took.Value, step, channel)
			if step == "render" {
				m.observe(catalog.TemplateRender, took.Value, at[catalog.LabelTemplate])
			}
		}
	}
	if e.Cost.Currency != "" {
		m.add(catalog.Cost, e.Cost.Amount, channel, e.provider, m.value(catalog.LabelCurrency, e.Cost.Currency))
	}
	if e.Type == catalog.EventConverted && e.Value.Currency != "" {
		m.add(catalog.ConversionValue, e.Value.Amount, channel, at[catalog.LabelCampaign], m.value(catalog.LabelCurrency, e.Value.Currency))
	}
	template := either(e.own[catalog.LabelTemplate], at[catalog.LabelTemplate])
	if e.TemplateName != "" && template != "" && template != catalog.Unknown && template != catalog.Other {
		m.names[template] = m.value(catalog.LabelName, e.TemplateName)
	}
}

func (m *model) fault(e *told) string {
	if fault, listed := m.faults[e.ErrorCode]; listed {
		return fault
	}
	if e.BounceType == "hard" {
		return "recipient"
	}
	return catalog.Unknown
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
