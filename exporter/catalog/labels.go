package catalog

// The label values that replace a real one.
const (
	// Unknown replaces a value that an event did not carry.
	Unknown = "unknown"
	// Other replaces a value past its label's limit, or one that must not be shown.
	Other = "other"
)

// MaxLabelValue limits label values in bytes. A longer one becomes Other.
const MaxLabelValue = 128

// Label describes one dimension of the families that list it. Compare labels by
// identity: each name and meaning has exactly one Label.
type Label struct {
	// Name holds the label's name in the exposition.
	Name string
	// Values lists the closed set of values, with Unknown and Other if they can occur.
	// It is nil for a free label.
	Values []string
	// Limit says how many real values a free label may have in one partition before
	// further ones become Other. Unknown and Other do not count. It is 0 for a closed
	// label.
	Limit int
	// Doc says what the label means, for the reference.
	Doc string

	index int
}

// Labels lists every label in the order of declaration.
var Labels []*Label

// Index returns the label's position in Labels, stable within one build.
func (l *Label) Index() int { return l.index }

// Free reports whether the label's values come from events instead of a known set.
func (l *Label) Free() bool { return l.Values == nil }

// Cardinality returns how many values the label can have in one partition: its known
// set, or its limit with Unknown and Other.
func (l *Label) Cardinality() int {
	if l.Free() {
		return l.Limit + 2
	}
	return len(l.Values)
}

// Known reports whether value is in a closed label's set. It is true for every value
// of a free label.
func (l *Label) Known(value string) bool {
	if l.Free() {
		return true
	}
	for _, v := range l.Values {
		if v == value {
			return true
		}
	}
	return false
}

func closed(name, doc string, values ...string) *Label {
	return register(&Label{Name: name, Doc: doc, Values: values})
}

func free(name string, limit int, doc string) *Label {
	return register(&Label{Name: name, Limit: limit, Doc: doc})
}

func register(l *Label) *Label {
	l.index = len(Labels)
	Labels = append(Labels, l)
	return l
}

// The known values of the labels that the event contract closes.
var (
	// Channels lists the channels that an event may name.
	Channels = []string{"email", "push", "sms", "in_app", "webhook", "chat"}
	// Priorities lists the priorities that an event may name.
	Priorities = []string{"low", "normal", "high", "urgent"}
	// SuppressionReasons lists the values of data.reason.
	SuppressionReasons = []string{"preference", "quiet_hours", "frequency_cap", "duplicate", Other}
	// PreferenceChanges lists the values of data.change.
	PreferenceChanges = []string{OptIn, OptOut}
	// BounceTypes lists the values of delivery.bounceType.
	BounceTypes = []string{BounceHard, BounceSoft}
	// Weekdays lists the values of local_weekday, from Monday.
	Weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	// Hours lists the values of local_hour: 0 to 23.
	Hours = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
		"13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23"}
	// RecentSends lists the classes of the user's sends in the 7 days before.
	RecentSends = []string{"0", "1-2", "3-5", "6-10", "11+"}
	// Questions lists what `belfry insights serve` answers again and again.
	Questions = []string{"experiments", "anomalies", "forecasts", "recommendations", "overview"}
	// ExperimentMetrics lists what the plan of an experiment can name.
	ExperimentMetrics = []string{"open", "click", "conversion", "value", "open_users", "click_users",
		"conversion_users", "opt_out", "complaint", "bounce", "soft_bounce"}
	// Faults lists whose fault an error can be.
	Faults = []string{FaultRecipient, FaultProvider, FaultPlatform, Unknown, FaultNone}
)

// RepairedFields lists the fields of events that may be written in several forms.
var RepairedFields = []string{
	"eventId", "timestamp", "notificationId", "userId", "receivedAt",
	"channel", "category", "priority", "templateId", "templateName", "campaignId", "provider", "reason", "change",
	"sentAt", "deliveredAt", "failedAt", "errorCode", "retryCount", "deliveryLatency", "bounceType",
	"openedAt", "clickedAt", "convertedAt", "dismissedAt", "timeToOpen", "timeToClick", "timeToConvert",
	"actionsTaken", "type", "machine",
	"queueWaitTime", "templateRenderTime", "personalizationTime", "processingTime", "deliveryTime",
	"userTimezone", "deviceType", "platform", "experimentId", "experimentVariant", "cost", "value", "currency",
	"component", "node", "cpu", "memoryBytes", "memoryRatio", "diskRatio", "networkBytesPerSecond",
	"name", "queue", "messages", "oldestAgeSeconds", "requests", "errors", "latencyMs", "quotaUsed", "quotaLimit",
}

// The values of data.change and of delivery.bounceType.
const (
	OptIn      = "opt_in"
	OptOut     = "opt_out"
	BounceHard = "hard"
	BounceSoft = "soft"
)

// The values of the label fault beside Unknown.
const (
	FaultRecipient = "recipient"
	FaultProvider  = "provider"
	FaultPlatform  = "platform"
	// FaultNone belongs to what did not fail.
	FaultNone = "none"
)

// The labels of notifications.
var (
	LabelPartition = free("partition", 64,
		"the stream partition that the series belongs to; its series move with it between machines")

	LabelEvent = closed("event", "event type without its prefix", eventNames[:]...)
	LabelStage = closed("stage",
		"step of a notification's life, reached at most once; the machine_ ones are what programs did, not people",
		stageNames[:]...)
	LabelChannel  = closed("channel", "how the user is reached", with(Channels, Unknown, Other)...)
	LabelCategory = free("category", 30, "kind of notification, for example transactional or marketing")
	LabelPriority = closed("priority", "urgency that the sender gave it", with(Priorities, Unknown, Other)...)
	LabelProvider = free("provider", 40, "who carried the attempt, for example ses or twilio")
	LabelTemplate = free("template", 500, "template id")
	LabelCampaign = free("campaign", 500, "campaign id")
	LabelName     = free("name", 500, "human-readable name of what the other label identifies")

	LabelPlatform   = closed("platform", "the device's platform", "ios", "android", "web", Other, Unknown)
	LabelDeviceType = closed("device_type", "the device's form", "mobile", "desktop", "tablet", Other, Unknown)
	LabelCountry    = free("country", 250, "the user's country, as its ISO 3166-1 alpha-2 code")
	LabelAppVersion = free("app_version", 50, "version of the user's app")
	LabelHour       = closed("local_hour", "hour of the day in the user's time zone when it was sent", Hours...)
	LabelWeekday    = closed("local_weekday", "day of the week in the user's time zone when it was sent", Weekdays...)
	LabelRecent     = closed("recent_sends",
		"how many notifications the user was sent in the 7 days before", RecentSends...)

	LabelExperiment = free("experiment", 50, "experiment id")
	LabelVariant    = free("variant", 10, "arm of the experiment")
	LabelOutcome    = closed("outcome", "what the experiment measures per user",
		"open", "click", "conversion", "opt_out", "value")
	LabelMoment = closed("moment", "sum over users: n users, x sends, y outcomes, "+
		"c days of engagement in the 30 days before the user entered, and their products",
		"n", "x", "xx", "y", "yy", "xy", "c", "cc", "cx", "cy")
	LabelControl = closed("control", "whether the arm is the control", "true", "false")

	LabelPlanned = free("planned_users", 50, "planned number of users over all arms")

	// LabelSLOStage holds the stages of SLOStages, where hard and soft bounces count
	// alike.
	LabelSLOStage = closed("stage", "what counts for the delivery objective",
		"sent", "failed", "bounced", "recovered")
	LabelErrorCode = free("error_code", 100,
		"the provider's or platform's error code, see ERRORCODES.md; those that the configuration lists come on top")
	LabelFault    = closed("fault", "whose fault the error is, see ERRORCODES.md", Faults...)
	LabelReason   = closed("reason", "why a notification was suppressed", SuppressionReasons...)
	LabelAction   = free("action", 50, "type of an action taken on a notification")
	LabelChange   = closed("change", "direction of a preference change", PreferenceChanges...)
	LabelCurrency = free("currency", 10, "ISO 4217 code")
	LabelStep     = closed("step", "processing step", stepNames[:]...)
	LabelSegment  = closed("segment",
		"new: first seen within 7 days; else by last engagement: active within 30 days, at_risk within 90, or dormant",
		"new", "active", "at_risk", "dormant")
	LabelWindow = closed("window", "engaged within this long", "1d", "7d", "30d")
)

// The labels of the platform's machinery.
var (
	LabelComponent = free("component", 50, "part of the platform that reports its health")
	LabelNode      = free("node", 100, "instance of the component")
	LabelQueue     = free("queue", 50, "queue name")
	LabelService   = free("service", 50, "external service name")
	LabelResult    = closed("outcome", "how a request to an external service ended", "success", "error")
	LabelObjective = closed("name", "the objective",
		"delivery_success", "delivery_latency_threshold_seconds", "delivery_latency", "freshness")
)

// The labels of Belfry's own families.
var (
	LabelRejection = closed("reason", "why an event was rejected", reasonNames[1:]...)
	LabelField     = closed("field", "field on which sent and another event differ",
		"channel", "category", "priority", "template", "campaign", "experiment", "variant")
	LabelIDField   = closed("field", "field whose id identifies nothing", "eventId", "notificationId", "userId")
	LabelRepaired  = closed("field", "field whose value was right in meaning but not in form", RepairedFields...)
	LabelFamily    = free("family", 60, "metric family")
	LabelLabel     = free("label", 40, "label whose value became other")
	LabelKind      = closed("kind", "kind of state record", "notification", "user", "event_id")
	LabelVersion   = free("version", 1, "version of the program")
	LabelRevision  = free("revision", 1, "commit that the program was built from")
	LabelGoVersion = free("goversion", 1, "Go release that built the program")
)

// The labels of alerts and insights.
var (
	LabelAlertName = free("alertname", 100, "alert")
	LabelRule      = free("rule", 100, "id of the alert rule")
	LabelSeverity  = closed("severity", "how urgent", "info", "warning", "critical", "emergency")
	LabelUnit      = closed("unit", "in what people read a figure; counts have no unit", "%", "s", "/s", "MiB", "MiB/s")
	LabelUpstream  = closed("upstream", "the server that is asked about alerts", "alertmanager", "prometheus")
	LabelSeries    = free("series", 30, "short name of the watched series")
	LabelBound     = closed("bound", "which line of the band; the bounds of a forecast with their level in percent",
		"expected", "lower", "upper", "lower80", "upper80", "lower95", "upper95")
	LabelHorizon = free("horizon", 5, "how far ahead")
	LabelVerdict = closed("verdict", "what the data says about the arm",
		"invalid", "collecting", "stop_harm", "stop_loser", "ship", "review",
		"no_meaningful_difference", "continue", "immature")
	LabelMetric   = closed("outcome", "metric of the experiment's plan", ExperimentMetrics...)
	LabelQuestion = closed("question", "what `belfry insights serve` answers", Questions...)
	LabelPlan     = free("plan", 50, "fingerprint of an experiment's plan")
	LabelAdvice   = free("kind", 20, "kind of recommendation")
	LabelReport   = free("report", 20, "report name")
)

func with(values []string, more ...string) []string {
	return append(append([]string(nil), values...), more...)
}
