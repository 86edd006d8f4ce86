package event_test

import (
	"bytes"
	"strings"
	"testing"

	"belfry/exporter/event"
)

// ordinary holds a delivery as a mail worker publishes it, of about 650 bytes.
var ordinary = []byte(`{"eventId":"01JD8Q4X1W6C5V9T0B2N3M4K5H","eventType":"notification.delivered",` +
	`"timestamp":"2026-11-23T02:58:53.123Z","notificationId":"ntf_8f3c0a71","userId":"usr_123456",` +
	`"data":{"channel":"email","category":"transactional","priority":"high",` +
	`"templateId":"order_shipped_v3","provider":"ses","delivery":{"sentAt":"2026-11-23T02:58:52.711Z",` +
	`"deliveredAt":"2026-11-23T02:58:53.123Z","retryCount":0,"deliveryLatency":412},` +
	`"performanceMetrics":{"processingTime":12.4,"templateRenderTime":3.1,"deliveryTime":380.5,"queueWaitTime":14.0},` +
	`"context":{"userTimezone":"Europe/Berlin","deviceType":"mobile","platform":"ios"},` +
	`"cost":{"amount":0.0004,"currency":"USD"}},` +
	`"metadata":{"source":"email-worker-3"}}`)

func BenchmarkDecode(b *testing.B) {
	good := `"eventId":"e1","eventType":"notification.opened","timestamp":"2026-11-23T02:58:53.123Z",` +
		`"notificationId":"n1","userId":"u1"`
	for _, bb := range []struct {
		name string
		msg  []byte
	}{
		{"ordinary", ordinary},
		{"full", []byte(fullNotification)},
		{"envelope", []byte(`{` + good + `}`)},
		{"rejected/missing field", bytes.Replace(ordinary, []byte("userId"), []byte("user"), 1)},
		{"rejected/malformed", ordinary[:len(ordinary)-1]},
		{"rejected/brackets", []byte(`{` + good + `,"x":` + strings.Repeat("[", 60000))},
		{"rejected/too large", []byte(strings.Repeat("[", event.MaxSize+1))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			d := event.NewDecoder(nil)
			var e event.Event
			b.SetBytes(int64(len(bb.msg)))
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(bb.msg, &e)
			}
		})
	}
}
