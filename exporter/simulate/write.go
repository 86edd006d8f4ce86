package simulate

import (
	"strconv"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// event writes the facts of e in the form of its producer, together with the personal
// data that producers add and nobody may see.
func (w *writer) event(s *Simulator, e *event.Event, l *lifecycle, st *step, p *producer) {
	w.reset(p.clock)
	w.open("", '{')
	if !p.dataFirst {
		w.envelope(e)
	}
	w.block("data", func() {
		if e.Type == catalog.EventPerformance {
			w.system(&e.System)
		} else {
			w.notification(s, e, l, st, p)
		}
	})
	if p.dataFirst {
		w.envelope(e)
	}
	w.metadata(l, p)
	w.close('}')
}

func (w *writer) envelope(e *event.Event) {
	w.text("eventId", e.ID)
	w.text("eventType", e.Type.FullName())
	w.time("timestamp", e.Time)
	w.text("notificationId", e.NotificationID)
	w.text("userId", e.UserID)
}

func (w *writer) metadata(l *lifecycle, p *producer) {
	switch p.metadata {
	case metadataAbsent:
	case metadataNull:
		w.key("metadata")
		w.b = append(w.b, "null"...)
	default:
		w.open("metadata", '{')
		w.key("source")
		w.b = append(append(w.b, '"'), p.name...)
		w.b = append(w.b, '-')
		w.b = strconv.AppendInt(w.b, int64(l.instance(p)), 10)
		w.b = append(w.b, '"')
		w.text("schemaVersion", "1")
		w.close('}')
	}
}

// notification writes the data of every event but those of the system.
func (w *writer) notification(s *Simulator, e *event.Event, l *lifecycle, st *step, p *producer) {
	channel := e.Channel
	if p.legacy && channel == "in_app" {
		channel = "in-app"
	}
	w.text("channel", channel)
	w.text("category", e.Category)
	w.text("priority", e.Priority)
	w.text("templateId", e.Template)
	w.text("templateName", e.TemplateName)
	w.text("campaignId", e.Campaign)
	w.text("provider", e.Provider)
	w.text("reason", e.Reason)
	w.text("change", e.Change)
	switch e.Type {
	case catalog.EventSent, catalog.EventDelivered, catalog.EventFailed, catalog.EventBounced, catalog.EventDeferred:
		w.nest("delivery", p, func() { w.delivery(s, e, l, st, p) })
	case catalog.EventOpened, catalog.EventClicked, catalog.EventConverted, catalog.EventDismissed:
		w.nest("engagement", p, func() { w.engagement(s, e, l, p) })
	}
	w.performance(e, p)
	if p.knows > knowsNothing {
		w.context(s, e, l, p)
	}
	w.money("cost", e.Cost)
	w.money("value", e.Value)
}

// nest writes fields into a block of their own, or directly under data.
func (w *writer) nest(name string, p *producer, fields func()) {
	if p.flat {
		fields()
	} else {
		w.block(name, fields)
	}
}

func (w *writer) delivery(s *Simulator, e *event.Event, l *lifecycle, st *step, p *producer) {
	if p.knows > knowsNothing {
		w.text("status", e.Type.String())
	}
	w.time("sentAt", e.SentAt)
	w.time("deliveredAt", e.DeliveredAt)
	w.time("failedAt", e.FailedAt)
	w.text("bounceType", e.BounceType)
	w.text("errorCode", e.ErrorCode)
	switch {
	case st.failure != nil:
		w.errorMessage(s, l, st.failure)
	case p.zeros:
		w.always("errorCode", "")
		w.always("errorMessage", "")
	}
	if e.RetryCount.Known {
		w.number("retryCount", float64(e.RetryCount.Value))
	}
	w.millis("deliveryLatency", e.DeliveryLatency)
	if e.Type != catalog.EventSent && p.knows > knowsNothing {
		w.providerResponse(s, e, l)
	}
}

func (w *writer) engagement(s *Simulator, e *event.Event, l *lifecycle, p *producer) {
	w.time("openedAt", e.OpenedAt)
	w.time("clickedAt", e.ClickedAt)
	w.time("convertedAt", e.ConvertedAt)
	w.time("dismissedAt", e.DismissedAt)
	w.millis("timeToOpen", e.TimeToOpen)
	w.millis("timeToClick", e.TimeToClick)
	w.millis("timeToConvert", e.TimeToConvert)
	if p.zeros && e.Type == catalog.EventOpened {
		w.always("clickedAt", "0001-01-01T00:00:00Z")
		w.always("convertedAt", "")
		w.number("dismissedAt", 0)
		w.number("timeToClick", 0)
	}
	if e.Machine {
		w.key("machine")
		w.b = append(w.b, "true"...)
	}
	if len(e.Actions) > 0 {
		w.actions(s, e, l)
	}
}

// stepFields names the processing steps in the performance block.
var stepFields = [catalog.NumSteps]string{
	catalog.StepQueueWait: "queueWaitTime", catalog.StepRender: "templateRenderTime",
	catalog.StepPersonalize: "personalizationTime", catalog.StepProcess: "processingTime",
	catalog.StepDeliver: "deliveryTime",
}

func (w *writer) performance(e *event.Event, p *producer) {
	if p.performance == "" || (e.Type != catalog.EventSent && e.Type != catalog.EventDelivered) {
		return
	}
	w.open(p.performance, '{')
	for i, took := range e.Steps {
		w.millis(stepFields[i], took)
	}
	if e.Type == catalog.EventSent {
		w.open("resourceUsage", '{')
		w.number("cpu", 0.12)
		w.number("memoryBytes", 1<<20)
		w.close('}')
	}
	w.close('}')
}
