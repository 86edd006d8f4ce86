package truth

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

func retry(n uint32) event.Count { return event.Count{Value: n, Known: true} }

func TestFailoverCountsForEachProvider(t *testing.T) {
	got := story([]event.Event{
		{
			Type: catalog.EventSent, Time: at(0), Provider: "ses",
			Channel: "email", Category: "billing", Priority: "high", Template: "t",
		},
		{Type: catalog.EventFailed, Time: at(time.Second), Provider: "ses", ErrorCode: "throttled"},
		{Type: catalog.EventFailed, Time: at(2 * time.Second), Provider: "ses", ErrorCode: "new", RetryCount: retry(1)},
		{Type: catalog.EventDelivered, Time: at(9 * time.Second), Provider: "mailgun", RetryCount: retry(2)},
		{Type: catalog.EventOpened, Time: at(time.Hour)},
	}, catalog.SLOStages, catalog.Errors, catalog.Retries, catalog.DeliveryLatency, catalog.TimeToOpen)
	want := []string{
		`slo_stage_total{stage="failed",fault="provider",channel="email",provider="ses"} 1`,
		`slo_stage_total{stage="recovered",fault="provider",channel="email",provider="ses"} 1`,
		`slo_stage_total{stage="sent",fault="none",channel="email",provider="ses"} 1`,
		`errors_total{channel="email",provider="ses",error_code="new",fault="unknown"} 1`,
		`errors_total{channel="email",provider="ses",error_code="throttled",fault="provider"} 1`,
		`retries_total{channel="email",provider="mailgun"} 1`,
		`retries_total{channel="email",provider="ses"} 1`,
		`delivery_latency_seconds{channel="email",provider="mailgun",priority="high"} 9`,
		`time_to_open_seconds{channel="email",category="billing"} 3600`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOrphanJoinsItsSent(t *testing.T) {
	got := story([]event.Event{
		{Type: catalog.EventDelivered, Time: at(time.Second), Channel: "push", Provider: "fcm"},
		{Type: catalog.EventOpened, Time: at(time.Minute)},
		{Type: catalog.EventSent, Time: at(0), Channel: "sms", Category: "social", Priority: "low", Template: "t"},
		{Type: catalog.EventOpened, Time: at(2 * time.Minute), Channel: "push"},
	}, catalog.Stages, catalog.DeliveryLatency, catalog.TimeToOpen,
		catalog.EventsOrphan, catalog.EventsOutOfOrder, catalog.ContextConflicts)
	want := []string{
		`stage_total{stage="delivered",channel="push",category="unknown",priority="unknown",provider="fcm"} 1`,
		`stage_total{stage="engaged",channel="push",category="unknown",priority="unknown",provider="fcm"} 1`,
		`stage_total{stage="opened",channel="push",category="unknown",priority="unknown",provider="fcm"} 1`,
		`stage_total{stage="sent",channel="sms",category="social",priority="low",provider="fcm"} 1`,
		`delivery_latency_seconds{channel="sms",provider="fcm",priority="low"} 1`,
		`time_to_open_seconds{channel="sms",category="social"} 60`,
		`belfry_events_orphan_total{} 2`,
		`belfry_events_out_of_order_total{} 1`,
		`belfry_context_conflicts_total{field="channel"} 2`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLateAndSkewedEvents(t *testing.T) {
	got := story([]event.Event{
		{
			Type: catalog.EventSent, Time: at(time.Second),
			Channel: "chat", Category: "social", Priority: "low", Template: "t",
		},
		{Type: catalog.EventDelivered, Time: at(0)},
		{Type: catalog.EventOpened, Time: at(time.Minute), Machine: true, Actions: []string{"prefetch"}},
		{Type: catalog.EventClicked, Time: at(8 * 24 * time.Hour), Actions: []string{"click"}},
		{Type: catalog.EventDismissed, Time: at(time.Hour), Actions: []string{"snooze"}},
	}, catalog.Stages, catalog.Actions, catalog.EventsLate, catalog.EventsClockSkew,
		catalog.DeliveryLatency, catalog.TimeToClick)
	want := []string{
		`stage_total{stage="delivered",channel="chat",category="social",priority="low",provider="unknown"} 1`,
		`stage_total{stage="dismissed",channel="chat",category="social",priority="low",provider="unknown"} 1`,
		`stage_total{stage="engaged",channel="chat",category="social",priority="low",provider="unknown"} 1`,
		`stage_total{stage="machine_opened",channel="chat",category="social",priority="low",provider="unknown"} 1`,
		`stage_total{stage="sent",channel="chat",category="social",priority="low",provider="unknown"} 1`,
		`actions_total{channel="chat",action="click"} 1`,
		`actions_total{channel="chat",action="snooze"} 1`,
		`belfry_events_late_total{} 1`,
		`belfry_events_clock_skew_total{} 1`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
