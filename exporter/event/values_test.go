package event_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"belfry/exporter/event"
)

// Decode reads whatever time.Parse reads in its strict form, and alike.
func TestTimesAreThoseOfTimeParse(t *testing.T) {
	for _, s := range []string{
		"1971-01-01T00:00:00Z", "1999-12-31T23:59:59.999999999Z", "2000-02-29T12:00:00+00:00",
		"2026-11-23T02:58:53.123Z", "2026-11-23T02:58:53.1-11:30", "2026-01-01T00:30:00+14:00",
		"2100-02-28T23:59:59-23:59", "2261-12-31T23:59:59.5Z",
	} {
		if got, want := timestamp(t, s), nanos(t, s); got != want {
			t.Errorf("%s: got %s", s, time.Unix(0, got).UTC())
		}
	}
}

// RFC 3339 has forms that time.Parse does not. Beside each is the same instant in a
// form that both have.
func TestTimesHaveTheWholeGrammar(t *testing.T) {
	for s, same := range map[string]string{
		"2026-11-23t02:58:53z":                "2026-11-23T02:58:53Z",
		"2016-12-31T23:59:60Z":                "2017-01-01T00:00:00Z",
		"2016-12-31T15:59:60.5-08:00":         "2017-01-01T00:00:00.5Z",
		"2017-01-01T00:29:60+00:30":           "2017-01-01T00:00:00Z",
		"2026-11-23T02:58:53.1234567899999Z":  "2026-11-23T02:58:53.123456789Z",
		"2026-11-23T02:58:53.00000000000001Z": "2026-11-23T02:58:53Z",
	} {
		if got, want := timestamp(t, s), nanos(t, same); got != want {
			t.Errorf("%s: got %s, want %s", s, time.Unix(0, got).UTC(), same)
		}
	}
}

func timestamp(t *testing.T, s string) int64 {
	t.Helper()
	return decode(t, strings.Replace(notification("opened", ""), "2026-11-23T02:58:53Z", s, 1)).Time
}

// Decoder and schema agree on the characters of an id.
func TestIDsHaveTheCharactersOfTheSchema(t *testing.T) {
	pattern := regexp.MustCompile(schemaAt(t, []string{"$defs", "idText"})["pattern"].(string))
	d := event.NewDecoder(nil)
	var e event.Event
	for r := rune(0); r <= 0x10ffff; r++ {
		if r >= 0xd800 && r < 0xe000 {
			continue // halves of surrogate pairs are not characters
		}
		if r > 0x10100 && r%251 != 0 {
			continue // a sample is enough beyond the tables of exceptions
		}
		id, err := json.Marshal(string(r))
		if err != nil {
			t.Fatal(err)
		}
		msg := `{"eventId":` + string(id) + `,"eventType":"system.performance","timestamp":"2026-11-23T02:58:53Z",` +
			`"data":{"component":"c"}}`
		if r, ok := d.Decode([]byte(msg), &e), pattern.MatchString(string(r)); (r == nil) != ok {
			t.Fatalf("%s: decoder %v, schema %t", id, r, ok)
		}
	}
}

func TestWindow(t *testing.T) {
	w := event.Window{MaxAge: 14 * 24 * time.Hour, MaxLead: 5 * time.Minute}
	const now = int64(1_795_402_733_000_000_000)
	for _, tt := range []struct {
		ahead           time.Duration
		stamped, replay bool
	}{
		{0, true, true},
		{5 * time.Minute, true, true},
		{5*time.Minute + 1, false, true},
		{14 * 24 * time.Hour, false, true},
		{14*24*time.Hour + 1, false, false},
		{-14 * 24 * time.Hour, true, true},
		{-14*24*time.Hour - 1, false, false},
	} {
		e := &event.Event{Time: now + int64(tt.ahead)}
		for how, got := range map[string]struct {
			r  *event.Rejection
			ok bool
		}{"stamped": {w.Check(e, now), tt.stamped}, "recorded": {w.CheckRecorded(e, now), tt.replay}} {
			if want := map[bool]string{true: accepted, false: "bad_timestamp"}[got.ok]; verdict(got.r) != want {
				t.Errorf("%v ahead, %s: got %v, want %s", tt.ahead, how, got.r, want)
			}
		}
	}
	if r := w.CheckRecorded(&event.Event{Time: now}, 0); r != nil {
		t.Errorf("the first event of a recording: %v", r)
	}
}

// The lists of an event are reused without leftovers of the event before.
func TestDecodeOverwritesAllOfTheEvent(t *testing.T) {
	d := event.NewDecoder(nil)
	var reused event.Event
	for _, c := range readCorpus(t) {
		d.Decode([]byte(fullNotification), &reused)
		d.Decode([]byte(performance(fullSystem)), &reused)
		var fresh event.Event
		msg := c.message()
		if d.Decode(msg, &reused) != nil {
			continue
		}
		d.Decode(msg, &fresh)
		if got, want := fmt.Sprintf("%+v", reused), fmt.Sprintf("%+v", fresh); got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.Name, got, want)
		}
	}
}

const fullSystem = `"node":"w3",
"resources":{"cpu":1.5,"memoryBytes":2,"memoryRatio":0.4,"diskRatio":0.7,"networkBytesPerSecond":125},
"queues":[{"name":"email","messages":42,"oldestAgeSeconds":1.5}],"deadLetters":[{"queue":"dead","messages":3}],
"services":[{"name":"ses","requests":120,"errors":1,"latencyMs":[38,41.5],"quotaUsed":5,"quotaLimit":50},
{"name":"sns","latencyMs":7}]`

func TestDecodeDoesNotAllocate(t *testing.T) {
	d := event.NewDecoder(nil)
	var e event.Event
	for name, msg := range map[string]string{"notification": fullNotification, "system": performance(fullSystem)} {
		data := []byte(msg)
		if n := testing.AllocsPerRun(100, func() { d.Decode(data, &e) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// A diagnostic is read as its code, in either form of the field.
func TestErrorCodeOfADiagnostic(t *testing.T) {
	const diagnostic = `"errorCode":"smtp; 550-5.1.1 The email account of maria does not exist"`
	for _, data := range []string{
		diagnostic, `"delivery":{` + diagnostic + `}`, diagnostic + `,"delivery":{"errorCode":""}`,
	} {
		if e := decode(t, notification("failed", data)); e.ErrorCode != "5.1.1" {
			t.Errorf("%s: %q", data, e.ErrorCode)
		}
	}
}
