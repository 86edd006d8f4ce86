package simulate

import "time"

// producer describes a program that publishes events, and how it writes them.
type producer struct {
	// name and the number of the instance make metadata.source.
	name      string
	instances int
	// knows says how much of the context it repeats.
	knows knowledge
	// flat writes the delivery and engagement fields directly under data.
	flat bool
	// performance names its block of processing times; empty for none.
	performance string
	// moments adds sentAt, deliveredAt, openedAt …
	moments bool
	// durations adds deliveryLatency, timeToOpen …
	durations bool
	// zeros sends 0 and "" for what it does not know.
	zeros bool
	// legacy spells in_app as in-app and joins experiment and variant.
	legacy bool
	// dataFirst writes the envelope after the data.
	dataFirst bool
	metadata  metadata
	clock     clock
	// ahead says how far the clock of its first instance is ahead.
	ahead time.Duration
	// batches says up to how long it collects before it reports.
	batches time.Duration
}

// knowledge says how much of a notification's context a producer repeats.
type knowledge uint8

const (
	knowsNothing knowledge = iota // the envelope, and what the event type requires
	knowsSome                     // channel, template and provider
	knowsAll
)

// metadata says in which form a producer writes the block of that name.
type metadata uint8

const (
	metadataObject metadata = iota
	metadataNull
	metadataAbsent
)

// clock says how a producer writes times.
type clock struct {
	layout    string
	precision time.Duration
	location  *time.Location
}

var (
	utcMillis   = clock{"2006-01-02T15:04:05.000Z07:00", time.Millisecond, time.UTC}
	utcMicros   = clock{"2006-01-02T15:04:05.000000Z07:00", time.Microsecond, time.UTC}
	utcSeconds  = clock{time.RFC3339, time.Second, time.UTC}
	localMillis = clock{"2006-01-02T15:04:05.000Z07:00", time.Millisecond, time.FixedZone("", 5*3600+1800)}
)

// These send and suppress.
var (
	emailWorker = producer{name: "email-worker", instances: 4, knows: knowsAll, performance: "performanceMetrics",
		moments: true, clock: utcMillis}
	pushWorker = producer{name: "push-worker", instances: 6, knows: knowsAll, performance: "performance",
		clock: utcMicros, ahead: 250 * time.Millisecond}
	smsWorker = producer{name: "sms-worker", instances: 2, knows: knowsAll, performance: "performanceMetrics",
		flat: true, moments: true, clock: utcMillis}
	inAppWorker = producer{name: "inapp-worker", instances: 3, knows: knowsAll, performance: "performance",
		legacy: true, zeros: true, clock: utcMillis}
	webhookWorker = producer{name: "webhook-worker", instances: 2, knows: knowsAll, metadata: metadataAbsent,
		clock: utcMillis}
	chatWorker = producer{name: "chat-worker", instances: 1, knows: knowsAll, performance: "performance",
		dataFirst: true, metadata: metadataNull, clock: localMillis}
)

// These learn from providers how an attempt ended.
var (
	fullReports = producer{name: "delivery-events", instances: 2, knows: knowsAll,
		performance: "performanceMetrics", moments: true, durations: true, clock: utcMillis}
	hookReports = producer{name: "mail-hook", instances: 2, knows: knowsSome, moments: true, zeros: true,
		clock: utcMillis}
	coarseReports = producer{name: "mail-poller", instances: 1, knows: knowsSome, clock: utcSeconds}
	apnsReports   = producer{name: "apns-gateway", instances: 3, knows: knowsNothing, metadata: metadataAbsent,
		clock: utcMicros}
	flatReports = producer{name: "gateway", instances: 3, knows: knowsSome, flat: true, durations: true,
		clock: utcMillis}
	smsReports = producer{name: "sms-status", instances: 2, knows: knowsSome, flat: true, durations: true,
		metadata: metadataNull, clock: localMillis}
	bareReports = producer{name: "relay", instances: 2, knows: knowsNothing, metadata: metadataAbsent,
		clock: utcMillis}
)

// These see what users do.
var (
	pixelTracker = producer{name: "pixel-tracker", instances: 3, knows: knowsAll, moments: true, durations: true,
		zeros: true, clock: utcMillis}
	mobileSDK = producer{name: "mobile-sdk", instances: 1, knows: knowsSome, flat: true, moments: true,
		clock: utcMillis, batches: 3 * time.Second}
	shortLinks = producer{name: "short-links", instances: 2, knows: knowsNothing, metadata: metadataAbsent,
		clock: utcMillis}
	chatBot = producer{name: "chat-bot", instances: 1, knows: knowsNothing, durations: true,
		metadata: metadataNull, clock: utcMillis}
	checkout = producer{name: "checkout", instances: 2, knows: knowsSome, flat: true, moments: true,
		clock: utcMillis}
	feedbackLoop = producer{name: "feedback-loop", instances: 1, knows: knowsNothing, metadata: metadataAbsent,
		clock: utcSeconds}
	preferenceCenter = producer{name: "preference-centre", instances: 1, knows: knowsAll, clock: utcMillis}
	monitorAgent     = producer{name: "monitor-agent", instances: 1, knows: knowsAll, clock: utcMillis}
)
