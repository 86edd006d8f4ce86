package event_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// An id is the same however it was typed: duplicates, records and partitions depend
// on it.
func TestAnIDIsTheSameHoweverItWasTyped(t *testing.T) {
	for typed, want := range map[string]string{
		`42`: "42", `"42"`: "42",
		`42.0`: "42", `42.000`: "42", `4.2e1`: "42", `420E-1`: "42", `0.042e3`: "42",
		`0`: "0", `-0`: "0", `-0.0`: "0", `0e5`: "0",
		`-1001234567890`: "-1001234567890", `10`: "10", `1e3`: "1000",
		`340282366920938463463374607431768211455`: "340282366920938463463374607431768211455",
		`9007199254740993`:                        "9007199254740993", `"042"`: "042",
		`"<CA+abc@mail.gmail.com>"`: "<CA+abc@mail.gmail.com>",
	} {
		e := decode(t, `{"eventId":`+typed+`,"eventType":"notification.opened","timestamp":"2026-11-23T02:58:53Z",`+
			`"notificationId":`+typed+`,"userId":`+typed+`}`)
		if e.ID != want || e.NotificationID != want || e.UserID != want || e.Key() != want {
			t.Errorf("%s: got %q, %q, %q and the key %q", typed, e.ID, e.NotificationID, e.UserID, e.Key())
		}
	}
	for typed, want := range map[string]string{
		`3`: "3", `"3"`: "3", `5.10`: "5.1", `550.0`: "550", `5.5e-3`: "0.0055",
	} {
		e := decode(t, notification("failed", `"errorCode":`+typed+`,"templateId":`+typed))
		if e.ErrorCode != want || e.Template != want {
			t.Errorf("%s: error code %q, template %q", typed, e.ErrorCode, e.Template)
		}
	}
}

// Each form of a time means the instant beside it, to the nanosecond.
func TestTimesInOtherForms(t *testing.T) {
	for typed, same := range map[string]string{
		`1795402733`:                             "2026-11-23T02:58:53Z",
		`1795402733.123456789`:                   "2026-11-23T02:58:53.123456789Z",
		`1.795402733125e9`:                       "2026-11-23T02:58:53.125Z",
		`1795402733123`:                          "2026-11-23T02:58:53.123Z",
		`1795402733123.5`:                        "2026-11-23T02:58:53.1235Z",
		`1795402733123456`:                       "2026-11-23T02:58:53.123456Z",
		`1795402733123456789`:                    "2026-11-23T02:58:53.123456789Z",
		`"1795402733.123"`:                       "2026-11-23T02:58:53.123Z",
		`"2026-11-23T03:58:53+0100"`:             "2026-11-23T02:58:53Z",
		`"2026-11-22 18:58:53.5-08"`:             "2026-11-23T02:58:53.5Z",
		`"2026-11-23 02:58:53,25 UTC"`:           "2026-11-23T02:58:53.25Z",
		`"2026-11-23T03:58+01:00"`:               "2026-11-23T02:58:00Z",
		`"2026-11-23 02:58:53.1 +0000 UTC"`:      "2026-11-23T02:58:53.1Z",
		`"2026-11-23T03:58+01:00[Africa/Lagos]"`: "2026-11-23T02:58:00Z",
		`"Mon, 23 Nov 2026 03:58:53 +0100"`:      "2026-11-23T02:58:53Z",
		`"Thu, 5 Nov 2026 02:58 GMT"`:            "2026-11-05T02:58:00Z",
	} {
		msg := strings.Replace(notification("opened", `"openedAt":`+typed), `"2026-11-23T02:58:53Z"`, typed, 1)
		if e, want := decode(t, msg), nanos(t, same); e.Time != want || e.OpenedAt != want {
			t.Errorf("%s: got %d and %d, want %d", typed, e.Time, e.OpenedAt, want)
		}
	}
}

// A charge may be written as what it takes from the account; a refund cannot be taken
// off a sum that only grows.
func TestAmountsBelowZero(t *testing.T) {
	for _, tt := range []struct {
		data        string
		cost, value event.Money
	}{
		{`"cost":{"amount":"-0.00750","currency":"usd"}`, event.Money{Amount: 0.0075, Currency: "USD"}, event.Money{}},
		{`"value":{"amount":-19.9,"currency":"EUR"}`, event.Money{}, event.Money{}},
		{`"cost":"0.0333"`, event.Money{Amount: 0.0333, Currency: catalog.Unknown}, event.Money{}},
		{`"cost":{"amount":null,"currency":"USD"}`, event.Money{}, event.Money{}},
		{`"value":{"amount":"19.90","currency":"EUR"}`, event.Money{}, event.Money{Amount: 19.9, Currency: "EUR"}},
	} {
		if e := decode(t, notification("converted", tt.data)); e.Cost != tt.cost || e.Value != tt.value {
			t.Errorf("%s: cost %v, value %v; want %v and %v", tt.data, e.Cost, e.Value, tt.cost, tt.value)
		}
	}
}

// However a producer writes a currency, its amounts add up in one series.
func TestCurrenciesInOtherForms(t *testing.T) {
	for sent, want := range map[string]string{
		"USD ": "USD", " USD": "USD", `usd\n`: "USD", `\tUsd\u00a0`: "USD", "eUr": "EUR", "Euro": "EURO", "us d": "US D",
		"USD": "USD", "CHF": "CHF", "unknown": catalog.Unknown, "OTHER": catalog.Other, " ": catalog.Unknown,
	} {
		d, e := event.NewDecoder(nil), &event.Event{}
		money := `{"amount":1,"currency":"` + sent + `"}`
		msg := notification("converted", `"cost":`+money+`,"value":`+money)
		if rejection := d.Decode([]byte(msg), e); rejection != nil {
			t.Fatalf("%q: %v", sent, rejection)
		}
		if e.Cost.Currency != want || e.Value.Currency != want {
			t.Errorf("%q: cost in %q, value in %q, want %q", sent, e.Cost.Currency, e.Value.Currency, want)
		}
		if repaired := slices.Contains(d.Repairs(), "currency"); repaired != (sent != want) {
			t.Errorf("%q: repaired %v", sent, repaired)
		}
	}
}

func TestWordsInOtherForms(t *testing.T) {
	for word, want := range map[string]string{
		"Permanent": "hard", "HARD": "hard", "HardBounce": "hard",
		"Transient": "soft", "Undetermined": "soft", "blocked": "soft",
	} {
		if e := decode(t, notification("bounced", `"bounceType":"`+word+`"`)); e.BounceType != want {
			t.Errorf("%s: %q, want %s", word, e.BounceType, want)
		}
	}
	e := decode(t, notification("suppressed", `"channel":"In App","priority":"Very-High","reason":"QUIET-HOURS",`+
		`"category":["", 7, "x"],"actionsTaken":["click",{"type":3},null,""],"machine":"True",`+
		`"context":{"platform":"iOS","deviceType":"Fridge","experimentVariant":true}`))
	got := []string{e.Channel, e.Priority, e.Reason, e.Category, e.Platform, e.DeviceType, e.Variant}
	want := []string{"in_app", "other", "quiet_hours", "7", "ios", "Fridge", "true"}
	if diff := cmp.Diff(append(want, "click", "3", "unknown"), append(got, e.Actions...)); diff != "" || !e.Machine {
		t.Errorf("machine %t (-want +got)\n%s", e.Machine, diff)
	}
}

// Every accepted case of the corpus says which of its fields are repaired. A field is
// named once, as the contract has it.
func TestRepairsAreThoseOfTheCorpus(t *testing.T) {
	d := event.NewDecoder(nil)
	var e event.Event
	for _, c := range readCorpus(t) {
		if c.verdict != accepted {
			continue
		}
		d.Decode(c.message(), &e)
		got := slices.Sorted(slices.Values(d.Repairs()))
		if diff := cmp.Diff(c.Repaired, got); diff != "" {
			t.Errorf("%s: repaired (-want +got)\n%s", c.Name, diff)
		}
	}
}

// A refusal says what was found and what to send instead, and shows no value.
func TestRejectionSaysWhatToSend(t *testing.T) {
	for _, tt := range []struct{ data, found, send string }{
		{`"retryCount":-7`, "a negative number", "a whole number from 0 to below 1000000"},
		{`"retryCount":4711.5`, "a number with a fraction", "a whole number from 0 to below 1000000"},
		{`"retryCount":"secret"`, "a string that is not such a number", "a whole number from 0 to below 1000000"},
		{`"cost":{"amount":1e300}`, "a number beyond the limit", "an amount below 1000000000"},
		{`"sentAt":"secret"`, "a string that is not such a time",
			"a time with its offset, such as 2026-11-23T02:58:53Z, or Unix seconds or milliseconds"},
		{`"sentAt":"1970-06-01T00:00:00Z"`, "a time outside the years 1971 to 2261",
			"a time with its offset, such as 2026-11-23T02:58:53Z, or Unix seconds or milliseconds"},
		{`"provider":{"name":"secret"}`, "an object", "a string, or a number"},
		{`"delivery":["secret"]`, "a list", "an object"},
		{`"bounceType":"secret"`, "another value", "one of hard, soft"},
		{`"channel":true`, "a boolean", "one of email, push, sms, in_app, webhook, chat"},
		{`"machine":"secret"`, "a string", "true or false"},
	} {
		var e event.Event
		r := event.NewDecoder(nil).Decode([]byte(notification("bounced", tt.data)), &e)
		if r == nil || r.Found != tt.found || r.Send != tt.send {
			t.Errorf("%s: got %+v, want %q and %q", tt.data, r, tt.found, tt.send)
		}
	}
}

// Whatever is repaired is in the catalogue's list, and everything in the list can be.
func TestTheCatalogueListsEveryRepair(t *testing.T) {
	d := event.NewDecoder(nil)
	var e event.Event
	seen := map[string]bool{}
	for _, c := range readCorpus(t) {
		d.Decode(c.message(), &e)
		for _, name := range d.Repairs() {
			seen[name] = true
		}
	}
	for _, name := range catalog.RepairedFields {
		if !seen[name] {
			t.Errorf("no case of the corpus repairs %s", name)
		}
	}
}
