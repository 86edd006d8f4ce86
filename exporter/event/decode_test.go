package event_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// decode reads a message that must be accepted.
func decode(t *testing.T, msg string) event.Event {
	t.Helper()
	var e event.Event
	if r := event.NewDecoder(nil).Decode([]byte(msg), &e); r != nil {
		t.Fatalf("%v\n%s", r, msg)
	}
	return e
}

// notification writes an event of the type with the given members of data.
func notification(eventType, data string) string {
	return `{"eventId":"e1","eventType":"notification.` + eventType + `","timestamp":"2026-11-23T02:58:53Z",` +
		`"notificationId":"n1","userId":"u1","data":{` + data + `}}`
}

func performance(data string) string {
	return `{"eventId":"e1","eventType":"system.performance","timestamp":"2026-11-23T02:58:53Z",` +
		`"data":{"component":"c",` + data + `}}`
}

func nanos(t *testing.T, s string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixNano()
}

func seconds(v float64) event.Seconds { return event.Seconds{Value: v, Known: true} }
func value(v float64) event.Value     { return event.Value{Value: v, Known: true} }

func TestDecodeReadsEveryFieldOfANotification(t *testing.T) {
	want := event.Event{
		ID: "01JD8", Type: catalog.EventDelivered, Time: nanos(t, "2026-11-23T02:58:53.123Z"),
		ReceivedAt: nanos(t, "2026-11-23T02:58:54Z"), NotificationID: "ntf_8f3c", UserID: "usr_123456",
		Channel: "email", Category: "transactional", Priority: "high",
		Template: "order_shipped_v3", TemplateName: "Order shipped",
		Campaign: "cmp_42", Provider: "ses", Platform: "ios", DeviceType: "mobile", Timezone: "Europe/Berlin",
		Country: "DE", AppVersion: "5.2",
		Experiment: "exp_7", Variant: "b", ErrorCode: "250", RetryCount: event.Count{Value: 2, Known: true},
		Machine: true, Actions: []string{"click", "unknown", "share"},
		SentAt: nanos(t, "2026-11-23T02:58:52Z"), DeliveredAt: nanos(t, "2026-11-23T02:58:53Z"),
		FailedAt: nanos(t, "2026-11-23T02:58:54Z"),
		OpenedAt: nanos(t, "2026-11-23T03:01:00Z"), ClickedAt: nanos(t, "2026-11-23T03:02:00Z"),
		ConvertedAt: nanos(t, "2026-11-23T03:03:00Z"), DismissedAt: nanos(t, "2026-11-23T03:04:00Z"),
		DeliveryLatency: seconds(0.412),
		TimeToOpen:      seconds(60), TimeToClick: seconds(61), TimeToConvert: seconds(62.5),
		Steps: [5]event.Seconds{seconds(0.014), seconds(0.0031), seconds(0.0022), seconds(0.0124), seconds(0.3805)},
		Cost:  event.Money{Amount: 0.0004, Currency: "USD"}, Value: event.Money{Amount: 19.9, Currency: "EUR"},
	}
	got := decode(t, fullNotification)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

const fullNotification = `{"eventId":"01JD8","eventType":"notification.delivered",
"timestamp":"2026-11-23T02:58:53.123Z","receivedAt":"2026-11-23T02:58:54Z",
"notificationId":"ntf_8f3c","userId":"usr_123456","data":{
"channel":"email","category":"transactional","priority":"high","templateId":"order_shipped_v3",
"templateName":"Order shipped","campaignId":"cmp_42","provider":"ses",
"delivery":{"status":"delivered","sentAt":"2026-11-23T02:58:52Z","deliveredAt":"2026-11-23T02:58:53Z",
 "failedAt":"2026-11-23T02:58:54Z","errorCode":"250","errorMessage":"","retryCount":2,"deliveryLatency":412,
 "providerResponse":{"provider":"ses","code":"250"}},
"engagement":{"openedAt":"2026-11-23T03:01:00Z","clickedAt":"2026-11-23T03:02:00Z","convertedAt":"2026-11-23T03:03:00Z",
 "dismissedAt":"2026-11-23T03:04:00Z","timeToOpen":60000,"timeToClick":61000,"timeToConvert":62500,
 "actionsTaken":[{"type":"click","target":"cta"},{"target":"x"},null,{"type":"share"}],"machine":true},
"performanceMetrics":{"processingTime":12.4,"templateRenderTime":3.1,"personalizationTime":2.2,"deliveryTime":380.5,
 "queueWaitTime":14.0,"resourceUsage":{"cpu":0.12,"memoryBytes":1048576}},
"context":{"userTimezone":"Europe/Berlin","userLocation":{"country":"DE"},"deviceType":"mobile","platform":"ios",
 "appVersion":"5.2","sessionId":"s","experimentId":"exp_7","experimentVariant":"b"},
"cost":{"amount":0.0004,"currency":"USD"},"value":{"amount":19.9,"currency":"EUR"}},
"metadata":{"source":"email-worker-3","schemaVersion":"1"}}`

func TestDecodeReadsEveryFieldOfAComponent(t *testing.T) {
	got := decode(t, `{"eventId":"e","eventType":"system.performance","timestamp":"2026-11-23T02:58:53Z",
		"notificationId":"n","data":{
		"component":"email-worker","node":"w3",
		"resources":{"cpu":1.5,"memoryBytes":2,"memoryRatio":0.4,"diskRatio":0.7,"networkBytesPerSecond":125},
		"queues":[{"name":"email","messages":42,"oldestAgeSeconds":1.5},null,{}],
		"deadLetters":[{"queue":"dead","messages":0}],
		"services":[{"name":"ses","requests":120,"errors":1,"latencyMs":[38,null,41.5],"quotaUsed":5,"quotaLimit":50},
			{"latencyMs":7}]}}`)
	want := event.System{
		Component: "email-worker", Node: "w3",
		CPU: value(1.5), Memory: value(2), MemoryRatio: value(0.4), DiskRatio: value(0.7), Network: value(125),
		Queues:      []event.Queue{{Name: "email", Messages: value(42), OldestAge: seconds(1.5)}, {Name: "unknown"}},
		DeadLetters: []event.Queue{{Name: "dead", Messages: value(0)}},
		Services: []event.Service{
			{
				Name: "ses", Requests: 120, Errors: 1, Durations: []float64{0.038, 0.0415},
				QuotaUsed: value(5), QuotaLimit: value(50),
			},
			{Name: "unknown", Durations: []float64{0.007}},
		},
	}
	if diff := cmp.Diff(want, got.System, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.Key() != "email-worker" || got.NotificationID != "" {
		t.Errorf("key %q, notification %q", got.Key(), got.NotificationID)
	}
}

// Each spelling comes with the value that it means.
func TestDecodeUnderstandsEverySpelling(t *testing.T) {
	at := nanos(t, "2026-11-23T03:00:00Z")
	const nestedAt, otherAt = `"2026-11-23T03:00:00Z"`, `"2026-11-23T04:00:00Z"`
	for _, tt := range []struct {
		name, msg string
		got       func(e event.Event) any
		want      any
	}{
		{"flat", notification("failed", `"retryCount":3`), func(e event.Event) any { return e.RetryCount.Value },
			uint32(3)},
		{"nested wins before flat", notification("opened",
			`"engagement":{"openedAt":`+nestedAt+`},"openedAt":`+otherAt),
			func(e event.Event) any { return e.OpenedAt }, at},
		{"nested wins after flat", notification("opened",
			`"openedAt":`+otherAt+`,"engagement":{"openedAt":`+nestedAt+`}`),
			func(e event.Event) any { return e.OpenedAt }, at},
		{"a nested placeholder leaves the flat value", notification("opened",
			`"openedAt":`+nestedAt+`,"timeToOpen":5000,"engagement":{"openedAt":0,"timeToOpen":0}`),
			func(e event.Event) any { return [2]any{e.OpenedAt, e.TimeToOpen.Value} }, [2]any{at, 5.0}},
		{"a nested null leaves the flat value", notification("failed", `"errorCode":"x","delivery":{"errorCode":null}`),
			func(e event.Event) any { return e.ErrorCode }, "x"},
		{"a nested empty string leaves the flat value", notification("failed",
			`"delivery":{"errorCode":""},"errorCode":"x"`),
			func(e event.Event) any { return e.ErrorCode }, "x"},
		{"nested actions win", notification("opened",
			`"actionsTaken":[{"type":"a"},{"type":"b"}],"engagement":{"actionsTaken":[{"type":"c"}]}`),
			func(e event.Event) any { return e.Actions }, []string{"c"}},
		{"nested actions win before flat ones", notification("opened",
			`"engagement":{"actionsTaken":[{"type":"c"}]},"actionsTaken":[{"type":"a"}]`),
			func(e event.Event) any { return e.Actions }, []string{"c"}},
		{"performance", notification("sent", sentData+`,"performance":{"queueWaitTime":5}`),
			func(e event.Event) any { return e.Steps[0] }, seconds(0.005)},
		{"performanceMetrics wins over performance", notification("sent",
			sentData+`,"performanceMetrics":{"queueWaitTime":6},"performance":{"queueWaitTime":5,"deliveryTime":7}`),
			func(e event.Event) any { return [2]any{e.Steps[0], e.Steps[4]} }, [2]any{seconds(0.006), seconds(0.007)}},
		{"resourceUsage", performance(`"performanceMetrics":{"resourceUsage":{"cpu":0.5,"memoryBytes":9}}`),
			func(e event.Event) any { return [2]any{e.System.CPU, e.System.Memory} }, [2]any{value(0.5), value(9)}},
		{"resources win over resourceUsage",
			performance(`"resources":{"cpu":0.25},"performanceMetrics":{"resourceUsage":{"cpu":0.5}}`),
			func(e event.Event) any { return e.System.CPU }, value(0.25)},
		{"in-app", notification("opened", `"channel":"in-app"`), func(e event.Event) any { return e.Channel },
			"in_app"},
		{"inapp", notification("opened", `"channel":"inapp"`), func(e event.Event) any { return e.Channel }, "in_app"},
		{"variant with its experiment", notification("opened", `"context":{"experimentVariant":"exp_7:b"}`), arm,
			[2]string{"exp_7", "b"}},
		{"variant that repeats its experiment", notification("opened",
			`"context":{"experimentVariant":"exp_7:b","experimentId":"exp_7"}`), arm, [2]string{"exp_7", "b"}},
		{"colon in the variant of another experiment", notification("opened",
			`"context":{"experimentId":"exp_8","experimentVariant":"exp_7:b"}`), arm, [2]string{"exp_8", "exp_7:b"}},
		{"variant alone", notification("opened", `"context":{"experimentVariant":"b"}`), arm, [2]string{"", "b"}},
		{"amount without a currency", notification("opened", `"cost":{"amount":0.5}`),
			func(e event.Event) any { return e.Cost }, event.Money{Amount: 0.5, Currency: "unknown"}},
		{"currency without an amount", notification("opened", `"cost":{"currency":"EUR"}`),
			func(e event.Event) any { return e.Cost }, event.Money{}},
		{"nothing for money", notification("opened", `"cost":{"amount":0,"currency":"EUR"}`),
			func(e event.Event) any { return e.Cost }, event.Money{Currency: "EUR"}},
		{"a latency of zero is one", notification("delivered", `"deliveryLatency":0`),
			func(e event.Event) any { return e.DeliveryLatency }, seconds(0)},
		{"a retry count of zero is one", notification("delivered", `"retryCount":0`),
			func(e event.Event) any { return e.RetryCount }, event.Count{Known: true}},
		{"minus zero is zero", notification("delivered", `"deliveryLatency":-0.0`),
			func(e event.Event) any { return math.Signbit(e.DeliveryLatency.Value) }, false},
		{"a time to open of zero is none", notification("opened", `"timeToOpen":0`),
			func(e event.Event) any { return e.TimeToOpen }, event.Seconds{}},
		{"an opening at zero is none", notification("opened", `"openedAt":"1970-01-01T00:00:00Z"`),
			func(e event.Event) any { return e.OpenedAt }, int64(0)},
		{"escapes", notification("opened", `"templateName":"\u0041\n\ud83d\ude00\/"`),
			func(e event.Event) any { return e.TemplateName }, "A\n😀/"},
		{"escapes in a closed set", notification("opened", `"channel":"\u0065mail"`),
			func(e event.Event) any { return e.Channel }, "email"},
		{"bounce type of a bounce", notification("bounced", `"delivery":{"bounceType":"hard"}`),
			func(e event.Event) any { return e.BounceType }, "hard"},
		{"bounce type of a failure", notification("failed", `"delivery":{"bounceType":"hard"}`),
			func(e event.Event) any { return e.BounceType }, ""},
		{"reason of a suppression", notification("suppressed", `"reason":"duplicate"`),
			func(e event.Event) any { return e.Reason }, "duplicate"},
		{"resource usage of a notification", notification("opened", `"performance":{"resourceUsage":{"cpu":"high"}}`),
			func(e event.Event) any { return e.System.CPU }, event.Value{}},
	} {
		if diff := cmp.Diff(tt.want, tt.got(decode(t, tt.msg))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, diff)
		}
	}
}

const sentData = `"channel":"email","category":"c","priority":"low","templateId":"t"`

func arm(e event.Event) any { return [2]string{e.Experiment, e.Variant} }

// A rejection names the field as the contract does, even if the message writes it with
// escapes, and holds none of the message's values.
func TestRejectionNamesTheField(t *testing.T) {
	const opened = `"eventType":"notification.opened","eventId":"e","notificationId":"n","userId":"u",` +
		`"timestamp":"2026-11-23T02:58:53Z"`
	for _, tt := range []struct{ msg, want string }{
		{notification("failed", `"delivery":{"retryCount":-7}`), "bad_number: data.delivery.retryCount"},
		{notification("failed", `"retry\u0043ount":-7`), "bad_number: data.retryCount"},
		{notification("opened", `"engagement":{"actionsTaken":[{"type":"ok"},{"type":true}]}`),
			"bad_value: data.engagement.actionsTaken.type"},
		{notification("opened", `"actionsTaken":[{"type":"ok"},["secret"]]`), "bad_value: data.actionsTaken"},
		{performance(`"services":[{"name":"a"},{"name":"b","latencyMs":[1,-1]}]`),
			"bad_number: data.services.latencyMs"},
		{performance(`"performanceMetrics":{"resourceUsage":{"cpu":-1}}`),
			"bad_number: data.performanceMetrics.resourceUsage.cpu"},
		{performance(`"queues":"secret"`), "bad_value: data.queues"},
		{`{"data":"secret",` + opened + `}`, "bad_value: data"},
		{`{"data":{"sentAt":"secret"},` + opened + `}`, "bad_timestamp: data.sentAt"},
		{notification("sent", `"channel":"email"`), "missing_field: data.category"},
		{`{}`, "missing_field: eventId"},
		{`{"eventType":"secret"}`, "unknown_type: eventType"},
		{`{"userId":"a","userId":"b"}`, "malformed_json: userId"},
		{`{"userId":`, "malformed_json"},
		{strings.Repeat(" ", event.MaxSize+1), "too_large"},
	} {
		var e event.Event
		r := event.NewDecoder(nil).Decode([]byte(tt.msg), &e)
		if r == nil || r.Error() != tt.want {
			t.Errorf("%.200s: got %v, want %s", tt.msg, r, tt.want)
		}
	}
}

// A rejection outlives the message, whose memory is reused.
func TestRejectionDoesNotReferToTheMessage(t *testing.T) {
	msg := []byte(`{"userId":"a","userId":"b"}`)
	var e event.Event
	r := event.NewDecoder(nil).Decode(msg, &e)
	clear(msg)
	if r.Error() != "malformed_json: userId" {
		t.Errorf("after the message was overwritten: %q", r)
	}
}

func TestUnknownFieldsAreNamedOnce(t *testing.T) {
	d := event.NewDecoder(nil)
	var e event.Event
	msg := notification("opened",
		`"colour":1,"delivery":{"mood":{"not":"me"},"colour":2},"cost":{"tax":1},"context":{"gone":null}`)
	if r := d.Decode([]byte(msg), &e); r != nil {
		t.Fatal(r)
	}
	if diff := cmp.Diff([]string{"colour", "mood", "tax"}, d.UnknownFields()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var many strings.Builder
	for c := 'a'; c <= 'z'; c++ {
		many.WriteString(`,"` + string(c) + `":0`)
	}
	if r := d.Decode([]byte(notification("opened", `"zero":0`+many.String())), &e); r != nil {
		t.Fatal(r)
	}
	if n := len(d.UnknownFields()); n != 16 {
		t.Errorf("%d names of 27, want 16", n)
	}
	if r := d.Decode([]byte(fullNotification), &e); r != nil || len(d.UnknownFields()) != 0 {
		t.Errorf("%v, unknown fields of the whole contract: %q", r, d.UnknownFields())
	}
}

func TestDecoderKnowsTheChannelsItWasGiven(t *testing.T) {
	d := event.NewDecoder([]string{"pigeon"})
	var e event.Event
	if r := d.Decode([]byte(notification("opened", `"channel":"pigeon"`)), &e); r != nil || e.Channel != "pigeon" {
		t.Errorf("pigeon: %v, %q", r, e.Channel)
	}
	if r := d.Decode([]byte(notification("opened", `"channel":"email"`)), &e); r != nil || e.Channel != catalog.Other {
		t.Errorf("email: %v, %q", r, e.Channel)
	}
}
