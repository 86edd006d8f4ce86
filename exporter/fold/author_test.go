package fold_test

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
)

// author makes up messages. It has few names for things, so that duplicates,
// orphans, conflicts and returning users are frequent. Days and months pass between
// some events.
type author struct {
	*rand.Rand
	pseudonyms *fold.Pseudonyms
	now        int64
	// received says how messages carry the time at which they were received: by the
	// stream, in the event, or not at all.
	received  int
	users     int // how many there are
	written   []fields
	lastEvent int
	latest    int64 // time of an event
	about     int   // latest notification
}

type fields = map[string]any

const (
	byStream = iota
	inEvent
	notAtAll
	waysReceived
)

// write makes up n messages, the same ones for the same seed.
func write(seed uint64, n int, userKey []byte) []fold.Message {
	start := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC).UnixNano()
	a := &author{
		Rand: rand.New(rand.NewPCG(seed, 7)), pseudonyms: fold.NewPseudonyms(userKey),
		received: int(seed % waysReceived), users: 1 + int(seed%8), now: start, latest: start,
	}
	messages := make([]fold.Message, n)
	for i := range messages {
		a.pass()
		messages[i] = a.message()
	}
	return messages
}

// pass moves the time forward.
func (a *author) pass() {
	units := []time.Duration{time.Second, time.Minute, time.Hour}
	switch p := a.IntN(1000); {
	case p < 940:
		a.now += a.Int64N(int64(units[a.IntN(3)]))
	case p < 970: // to the last minute of an hour
		a.now += int64(time.Hour) - a.now%int64(time.Hour) - a.Int64N(int64(time.Minute))
	case p < 993:
		a.now += a.Int64N(5 * int64(24*time.Hour))
	case p < 998:
		a.now += a.Int64N(40 * int64(24*time.Hour))
	default:
		a.now += a.Int64N(500 * int64(24*time.Hour))
	}
}

func (a *author) chance(percent int) bool { return a.IntN(100) < percent }

func (a *author) message() fold.Message {
	e := a.event()
	a.written = append(a.written, e)
	var m fold.Message
	switch a.received {
	case byStream:
		m.Time = a.now
		if a.chance(3) {
			m.Time -= a.Int64N(int64(time.Hour)) // the server's clock was set back
		}
		if a.chance(1) {
			m.Time = a.astray()
		}
	case inEvent:
		e["receivedAt"] = written(a.now)
		if a.chance(1) {
			e["receivedAt"] = written(a.astray())
		}
	}
	if a.chance(1) { // the producer's clock is wrong too
		e["timestamp"] = written(cmp.Or(m.Time, a.astray()))
	}
	data, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	m.Data = data
	if a.chance(1) {
		m.Data = m.Data[:a.IntN(len(m.Data))]
	}
	return m
}

// astray returns the time of a clock that is wrong by weeks, or was never set.
func (a *author) astray() int64 {
	switch a.IntN(3) {
	case 0:
		return time.Date(2261, time.January, 1+a.IntN(100), 0, 0, 0, 0, time.UTC).UnixNano()
	case 1:
		return a.now - a.Int64N(60*int64(24*time.Hour))
	default:
		return a.now + a.Int64N(60*int64(24*time.Hour))
	}
}

// written formats a time as producers do.
func written(t int64) string { return time.Unix(0, t).UTC().Format(time.RFC3339Nano) }

// typed formats a time as some producers do: in Unix seconds.
func (a *author) typed(t int64) any {
	if a.chance(5) {
		return json.Number(fmt.Sprintf("%d.%09d", t/1e9, t%1e9))
	}
	return written(t)
}

func (a *author) event() fields {
	if len(a.written) > 0 && a.chance(8) {
		return maps.Clone(a.written[a.IntN(len(a.written))]) // comes twice
	}
	a.lastEvent++
	a.latest = a.moment()
	e := fields{"eventId": fmt.Sprintf("e%d", a.lastEvent), "timestamp": a.typed(a.latest)}
	switch p := a.IntN(100); {
	case p < 3:
		a.performance(e)
	case p < 6:
		a.preference(e)
	case p < 8:
		a.forget(e)
	default:
		a.notification(e)
	}
	a.spoil(e)
	return e
}

// spoil breaks an event now and then, or makes it odd.
func (a *author) spoil(e fields) {
	switch a.IntN(60) {
	case 0:
		e["eventId"] = fmt.Sprintf("e%d", a.IntN(a.lastEvent)) // somebody else's
	case 1:
		delete(e, "timestamp")
	case 2:
		e["eventType"] = "notification.vanished"
	case 3:
		e[fmt.Sprintf("extra%d", a.IntN(20))] = true
	case 4:
		e["userId"] = "bell\x07"
	}
}

// moment says when an event happened: mostly just now, sometimes long before,
// sometimes by a clock that is ahead, sometimes at the time of another event or
// a window's length from it.
func (a *author) moment() int64 {
	t := a.now
	switch p := a.IntN(100); {
	case p < 10:
		return a.latest
	case p < 13:
		return a.latest - int64(attributionWindow)
	case p < 16:
		return a.latest + int64(attributionWindow)
	case p < 18:
		return a.latest + int64(dismissWindow)
	case p < 70:
		t -= a.Int64N(int64(10 * time.Second))
	case p < 85:
		t -= a.Int64N(int64(24 * time.Hour))
	case p < 95:
		t -= a.Int64N(15 * int64(24*time.Hour))
	default:
		t += a.Int64N(int64(6 * time.Minute))
	}
	if a.chance(70) {
		t -= t % int64(time.Millisecond)
	}
	return t
}

// user returns the recipient of a notification, or somebody else. Every fourth
// notification has two recipients.
func (a *author) user(n int) string {
	switch {
	case a.chance(5):
		n = a.IntN(100)
	case n%4 == 0 && a.chance(50):
		n++
	}
	return strings.Repeat("u", 1+n%a.users)
}

// notification makes up an event of one of a few notifications.
func (a *author) notification(e fields) {
	if !a.chance(40) {
		a.about = a.IntN(25)
	}
	n := a.about
	kind := catalog.EventType(a.IntN(int(catalog.EventPerformance)))
	switch {
	case a.chance(25):
		kind = catalog.EventSent
	case a.chance(8):
		kind = catalog.EventDeferred
	}
	e["eventType"], e["notificationId"], e["userId"] = kind.FullName(), fmt.Sprintf("n%d", n), a.user(n)
	data := fields{}
	a.describe(data, n, kind == catalog.EventSent)
	a.deliver(data)
	a.engage(data)
	a.measure(data)
	if kind == catalog.EventSuppressed {
		data["reason"] = pick(a, catalog.SuppressionReasons...)
	}
	e["data"] = data
}

func pick[T any](a *author, from ...T) T { return from[a.IntN(len(from))] }

// describe adds context: that of the notification, all of it for sent, or now
// and then another one.
func (a *author) describe(data fields, n int, all bool) {
	experiment, variant, platform := "", "", "ios"
	if n%3 != 0 {
		experiment, variant = fmt.Sprintf("x%d", n%2), string(rune('a'+n%2))
	}
	at := fields{}
	add := func(to fields, name, usual string, odd ...any) {
		value := any(usual)
		if !all && !a.chance(20) || all && a.chance(5) && name != "channel" {
			return
		}
		if a.chance(6) {
			value = pick(a, odd...)
		}
		if value != "" {
			to[name] = value
		}
	}
	add(data, "channel", catalog.Channels[n%3], "sms", "inapp", "SMS", "fax")
	add(data, "category", fmt.Sprintf("c%d", n%2), "c7", []string{"c1", "c2"}, "ann@example.com", "unknown", "other")
	add(data, "priority", catalog.Priorities[n%4], "urgent", "asap", 10)
	add(data, "templateId", fmt.Sprintf("t%d", n%4), "t9", 7, "7", "http://x.example/")
	add(data, "templateName", fmt.Sprintf("name %d", n%4), "another name", "unknown")
	add(data, "campaignId", []string{"", "cmp"}[n%2], "cmp2", "unknown")
	add(data, "provider", fmt.Sprintf("p%d", n%2), "p7", "p8", "p9")
	add(at, "platform", platform, "web", "watch")
	add(at, "appVersion", fmt.Sprintf("5.%d", n%3), "v5.1", 5.1, "debug", "")
	at["userLocation"] = pick[any](a, "DE", "fr", fields{"country": "US", "city": "Bonn"}, fields{"countryCode": "BR"},
		"Bonn", 7, fields{}, nil)
	add(at, "deviceType", "mobile", "", "fridge")
	add(at, "experimentId", experiment, "x1", "x9", "unknown")
	add(at, "experimentVariant", variant, "b", "x0:c", "x8:z", "unknown")
	add(at, "userTimezone", []string{"Europe/Berlin", "Asia/Kathmandu", ""}[n%3], "America/St_Johns", "Mars/Olympus")
	data["context"] = at
}

// deliver adds what a delivery block has.
func (a *author) deliver(data fields) {
	d := fields{}
	a.maybe(d, 10, "retryCount", a.IntN(4))
	a.maybe(d, 10, "deliveryLatency", a.IntN(90_000))
	a.maybe(d, 60, "bounceType", pick(a, "hard", "soft", "Permanent"))
	a.maybe(d, 60, "errorCode", pick(a, "throttled", "invalid_address", "strange",
		"acme_7", "UNREGISTERED", "503", "smtp; 550-5.7.1 refused", "the mailbox of Ann is full"))
	a.maybe(d, 15, "sentAt", a.typed(a.moment()))
	a.maybe(d, 15, "deliveredAt", written(a.moment()))
	a.maybe(d, 1, "sentAt", "2199-12-31T23:59:59.123456789Z")
	data["delivery"] = d
}

// engage adds what an engagement block has.
func (a *author) engage(data fields) {
	d := fields{}
	a.maybe(d, 15, "openedAt", a.typed(a.moment()))
	a.maybe(d, 15, "clickedAt", written(a.moment()))
	a.maybe(d, 15, "convertedAt", pick(a, written(a.moment()), "0001-01-01T00:00:00Z"))
	a.maybe(d, 15, "timeToOpen", a.IntN(3)*1000)
	a.maybe(d, 15, "timeToClick", a.IntN(3)*60_000)
	a.maybe(d, 15, "timeToConvert", 0)
	a.maybe(d, 25, "machine", true)
	a.maybe(d, 8, "actionsTaken", []fields{{"type": pick(a, "click", "snooze")}, {}})
	data["engagement"] = d
}

// measure adds processing times and money.
func (a *author) measure(data fields) {
	times := fields{}
	a.maybe(times, 10, "queueWaitTime", a.IntN(1000))
	a.maybe(times, 10, "templateRenderTime", a.IntN(50))
	a.maybe(times, 5, "processingTime", a.IntN(50))
	data["performanceMetrics"] = times
	cost := pick[any](a, float64(a.IntN(8))/4, "0.25", -0.5)
	a.maybe(data, 10, "cost", fields{"amount": cost, "currency": pick(a, "EUR", "USD", "USD ", "")})
	a.maybe(data, 40, "value", fields{"amount": float64(a.IntN(100)) / 4, "currency": pick(a, "EUR", "usd", "")})
}

func (a *author) maybe(to fields, percent int, name string, value any) {
	if a.chance(percent) {
		to[name] = value
	}
}

// preference makes up a change of preference, of a notification or of none.
func (a *author) preference(e fields) {
	n := a.about
	e["eventType"], e["userId"] = catalog.EventPreferenceChanged.FullName(), a.user(n)
	a.maybe(e, 70, "notificationId", fmt.Sprintf("n%d", n))
	data := fields{"change": pick(a, catalog.PreferenceChanges...)}
	a.describe(data, n, false)
	a.measure(data)
	a.engage(data)
	data["channel"] = pick(a, catalog.Channels[n%3], catalog.Channels[n%3], "chat")
	a.maybe(data, 20, "retryCount", a.IntN(5))
	e["data"] = data
}

// forget makes up a user's request to be forgotten.
func (a *author) forget(e fields) {
	id := a.pseudonyms.Of(a.user(a.IntN(25)))
	e["eventType"], e["data"] = catalog.EventForget.FullName(), fields{"userHash": hex.EncodeToString(id[:])}
}

// performance makes up a component's report.
func (a *author) performance(e fields) {
	e["eventType"] = catalog.EventPerformance.FullName()
	resources := fields{"cpu": float64(a.IntN(8)) / 8, "memoryBytes": a.IntN(1000)}
	data := fields{"component": pick(a, "worker", "api"), "resources": resources}
	a.measure(data)
	a.maybe(data, 50, "node", pick(a, "node-1", "node-2", "a://b"))
	queue := fields{"name": pick(a, "email", "sms"), "messages": a.IntN(100), "oldestAgeSeconds": a.IntN(9)}
	a.maybe(data, 50, "queues", []fields{queue, {"messages": 3}})
	a.maybe(data, 30, "deadLetters", []fields{{"queue": "email", "messages": a.IntN(100)}})
	a.maybe(data, 50, "services", []fields{{
		"name": pick(a, "ses", "fcm"), "requests": a.IntN(9), "errors": a.IntN(4),
		"latencyMs": []int{a.IntN(900), 7}, "quotaUsed": a.IntN(9), "quotaLimit": 9,
	}})
	e["data"] = data
}
