package exporter_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"belfry/exporter"
	"belfry/exporter/catalog"
)

// zipped compresses a body, as a client with compression switched on would.
func zipped(t *testing.T, body string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A producer that sends what the schema does not allow, or allows but would rather not
// have, stops nobody: each message is counted by what is wrong with it, and a
// valid one between two of them counts.
func TestFaultProducersThatBreakTheSchema(t *testing.T) {
	in := install(t, 1)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitReady()
	edited := func(id, old, replacement string) string { return strings.Replace(sent(id), old, replacement, 1) }
	for i, test := range []struct{ fault, event, body string }{
		{"a message is empty", "sent", ""},
		{"a message is compressed", "sent", zipped(t, sent("z"))},
		{"a message is longer than 64 kB", "sent", edited("l", `"c"`, `"`+strings.Repeat("c", 200<<10)+`"`)},
		{"an event has a type that does not exist", "sent", edited("t", "notification.sent", "notification.posted")},
		{"an event lacks a field", "sent", edited("m", `"channel":"email",`, "")},
		{"a field has a value that the schema does not have", "sent", edited("v", `"email"`, `true`)},
		{"a number is beyond its range", "failed", strings.Replace(edited("b", `"c"`, `"c","retryCount":1000000000`),
			"notification.sent", "notification.failed", 1)},
		{"an id is longer than any id", "sent", sent(strings.Repeat("i", 10_000))},
		{"an event has fields that the schema does not have", "sent", edited("u", `"c"`, `"c","colour":"red"`)},
		{"a value is right but in another form", "sent", edited("f", `"email"`, `"EMAIL"`)},
		{"the events of a notification come without its sent event", "delivered", delivered("never sent")},
		{"an event contradicts the sent event of its notification", "delivered",
			strings.Replace(delivered("valid 0"), `"email"`, `"push"`, 1)},
	} {
		r.healthy()
		in.publish(0, test.event, test.body)
		in.send(1000+i, 1000+i)
		in.publish(0, "sent", sent(fmt.Sprint("valid ", i)))
		r.await("the valid event", func() bool {
			return r.value(catalog.StreamProcessedSequence) == float64(3*(i+1))
		})
		r.proves(test.fault)
	}
}

// A producer that writes a new value into a label for each event loses that label's
// detail. Totals stay right.
func TestFaultLabelWithoutEnd(t *testing.T) {
	in := install(t, 1)
	in.config.LabelLimits = map[string]int{catalog.LabelTemplate.Name: 5}
	in.send(1, 1)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitSent(1)
	sendTemplates := func(from, to int) {
		for i := from; i <= to; i++ {
			template := fmt.Sprintf(`"templateId":"t%d"`, i)
			in.publish(0, "sent", strings.Replace(sent(fmt.Sprint("t", i)), `"templateId":"t"`, template, 1))
		}
	}
	sendTemplates(2, 10)
	r.awaitSent(10)
	r.healthy()
	sendTemplates(11, 50)
	r.awaitSent(50)
	r.proves("a producer writes a new value into a label for each event")
}
