package event_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"belfry/exporter/event"
)

// Decoder and schema agree on times of any form, right and wrong: parts that each are
// right or nearly right are put together at random.
func TestDecoderAndSchemaAgreeOnTimes(t *testing.T) {
	s, d, random := compileSchema(t), event.NewDecoder(nil), rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	iso := func() string {
		return pick("2026-11-23", "2028-02-29", "2026-02-29", "2200-02-29", "2026-11-31", "1970-01-01", "1970-12-31") +
			pick("T", "t", " ", "  ") + pick("02:58", "24:00", "23:59") + pick("", ":53", ":60", ":5") +
			pick("", "", ".5", ",123456789012", ".") + pick("", " ", "")
	}
	mail := func() string {
		return pick("", "Mon, ", "Xyz, ", "Mon ") + pick("1", "05", "29", "31", "32") + " " +
			pick("Feb", "Nov", "Jan", "Now") + " " + pick("2026", "2028", "26", "1970") + " " +
			pick("02:58", "02:58:53", "2:58") + " "
	}
	zone := func() string {
		return pick("", "Z", "z", "UTC", "GMT", "EST", "+00", "-08", "+0100", "+01:00", "+24", "+0060", "+1", "-00:00") +
			pick("", "", " UTC", " cet", " (UTC)", " ()", "[Europe/Berlin]", "[]")
	}
	unix := func() string {
		digits := pick("1795402733", "9199999999", "9200000000", "1000000000", "0999999999", "0")
		return digits + pick("", "", "123", "12", "123456", "123456789", "1234567890") + pick("", "", ".5", ".", "e0")
	}
	seen := map[bool]int{}
	for range 20_000 {
		text := pick(iso()+zone(), iso()+zone(), mail()+zone(), unix())
		msg := []byte(notification("opened", `"openedAt":"`+text+`"`))
		var e event.Event
		r, err := d.Decode(msg, &e), validate(s, msg)
		if (r == nil) != (err == nil) {
			t.Fatalf("%q: decoder %v, schema %v", text, r, err)
		}
		seen[r == nil]++
	}
	if min(seen[true], seen[false]) < 1000 {
		t.Errorf("%d times are accepted and %d rejected: neither may be rare", seen[true], seen[false])
	}
}

// The same for numbers, as numbers and as text, where an id, a code, a count, a
// duration or an amount belongs. Exponents are small: a number with many digits
// is the same to the schema as one without.
func TestDecoderAndSchemaAgreeOnNumbers(t *testing.T) {
	s, d, random := compileSchema(t), event.NewDecoder(nil), rand.New(rand.NewPCG(3, 4))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	number := func() string {
		n := random.IntN(41)
		whole := pick("0", "7", "42", "999999", "9"+strings.Repeat("9", n), "1"+strings.Repeat("0", n))
		return pick("", "", "-") + whole + pick("", "", ".0", ".5", ".000") +
			pick("", "", "", "e0", "e-2", "E2", "e+1", "e-7")
	}
	odd := func() string {
		return pick("", "", "", "0", "+", " ", "x") + number() + pick("", "", "", " ", "%", "e")
	}
	fields := []string{
		`"templateId":@`, `"errorCode":@`, `"retryCount":@`, `"deliveryLatency":@`, `"timeToOpen":@`, `"machine":@`,
		`"cost":{"amount":@}`, `"cost":@`, `"value":{"amount":@,"currency":@}`, `"performance":{"queueWaitTime":@}`,
		`"category":[@]`, `"openedAt":@`, `"priority":@`, `"x":0},"receivedAt":@,"y":{`,
	}
	seen := map[bool]int{}
	for range 20_000 {
		value := pick(number(), `"`+odd()+`"`)
		msg := notification("opened", strings.ReplaceAll(pick(fields...), "@", value))
		if random.IntN(4) == 0 {
			msg = strings.Replace(msg, `"userId":"u1"`, `"userId":`+value, 1)
		}
		var e event.Event
		r, err := d.Decode([]byte(msg), &e), validate(s, []byte(msg))
		if (r == nil) != (err == nil) {
			t.Fatalf("%s: decoder %v, schema %v", msg, r, err)
		}
		seen[r == nil]++
	}
	if min(seen[true], seen[false]) < 1000 {
		t.Errorf("%d numbers are accepted and %d rejected: neither may be rare", seen[true], seen[false])
	}
}
