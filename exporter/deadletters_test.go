package exporter_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/partition"
	"belfry/nats"
)

// letters returns the dead letters in the stream.
func (in *installation) letters() (letters []partition.DeadLetter) {
	in.t.Helper()
	err := nats.ReadDeadLetters(in.t.Context(), in.nc, func(batch []nats.Message) error {
		for _, m := range batch {
			var l partition.DeadLetter
			if err := json.Unmarshal(m.Data, &l); err != nil {
				return err
			}
			letters = append(letters, l)
		}
		return nil
	})
	if err != nil {
		in.t.Fatal(err)
	}
	return letters
}

// folded waits until the exporter has folded this number of events.
func (r *running) folded(events int) {
	r.t.Helper()
	r.await(fmt.Sprint(events, " events to be folded"), func() bool {
		return r.value(catalog.StreamProcessedSequence) == float64(events)
	})
}

func TestARejectedEventLeavesADeadLetterWithoutItsValues(t *testing.T) {
	in := install(t, 1)
	untyped := strings.Replace(sent("n2"), `"email"`, `true`, 1)
	in.publish(0, "sent", sent("n1"))
	in.publish(0, "sent", untyped)
	in.publish(0, "anna.schmidt", `{"eventId":`)
	r := in.run(exporter.Options{})
	r.folded(3)
	r.stop()
	original, err := nats.Get(t.Context(), in.nc, nats.StreamName(0), 2)
	if err != nil {
		t.Fatal(err)
	}
	letters := in.letters()
	if len(letters) != 2 {
		t.Fatalf("%d dead letters, want 2: %+v", len(letters), letters)
	}
	fields := []event.FieldShape{
		{Path: "eventId", Type: "string"}, {Path: "eventType", Type: "string"}, {Path: "timestamp", Type: "string"},
		{Path: "notificationId", Type: "string"}, {Path: "userId", Type: "string"}, {Path: "data", Type: "object"},
		{Path: "data.channel", Type: "bool"}, {Path: "data.category", Type: "string"},
		{Path: "data.priority", Type: "string"}, {Path: "data.templateId", Type: "string"},
		{Path: "data.provider", Type: "string"},
	}
	want := []partition.DeadLetter{
		{
			Reason: "bad_value", Field: "data.channel", Found: "a boolean",
			Send: "one of email, push, sms, in_app, webhook, chat", Event: "sent", Sequence: 2,
			StreamTime: time.Unix(0, original.Time).UTC(), Size: len(untyped), Fields: fields,
		},
		{
			Reason: "malformed_json", Found: "JSON that breaks off after byte 11",
			Send:  "one JSON object in UTF-8, each field once, nested at most 32 deep",
			Event: catalog.Other, Sequence: 3, StreamTime: letters[1].StreamTime, Size: 11,
		},
	}
	for i := range letters {
		if len(letters[i].Seal) != 32 {
			t.Errorf("the letter has the seal %q", letters[i].Seal)
		}
		letters[i].Seal = ""
	}
	if diff := cmp.Diff(want, letters); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// When the state is lost, the stream is folded again from its beginning. The
// letters already exist. A plain subscription sees duplicates that the stream
// itself would drop.
func TestFoldingAgainWritesNoLetterTwice(t *testing.T) {
	in := install(t, 1)
	for range 20 {
		in.publish(0, "sent", "{}")
	}
	r := in.run(exporter.Options{})
	r.folded(20)
	r.stop()

	sub, err := in.nc.SubscribeSync(nats.DeadLetterSubject(0))
	if err != nil {
		t.Fatal(err)
	}
	in.state = t.TempDir()
	in.publish(0, "sent", "[]")
	r = in.run(exporter.Options{})
	r.folded(21)
	r.stop()
	m, err := sub.NextMsg(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var l partition.DeadLetter
	if err := json.Unmarshal(m.Data, &l); err != nil || l.Sequence != 21 {
		t.Errorf("the first letter of the second round is of sequence %d (%v), want 21", l.Sequence, err)
	}
	if more, _, err := sub.Pending(); err != nil || more != 0 {
		t.Errorf("%d more letters (%v)", more, err)
	}
	if n := len(in.letters()); n != 21 {
		t.Errorf("%d letters, want 21", n)
	}
}

// Whoever may publish to the subject of dead letters can forge one. A forged letter does
// not silence the letters of events that are rejected later.
func TestAForgedLetterSilencesNobody(t *testing.T) {
	in := install(t, 1)
	in.publish(0, "sent", sent("n1"))
	js, err := in.nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	never := time.Date(2261, 1, 1, 0, 0, 0, 0, time.UTC)
	wrapped := never.Add(math.MinInt64).Add(math.MinInt64) // has the same nanoseconds as never in 64 bits
	first, err := nats.Get(t.Context(), in.nc, nats.StreamName(0), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, forged := range []partition.DeadLetter{
		{Sequence: 1, StreamTime: time.Unix(0, first.Time), Seal: "00112233445566778899aabbccddeeff"},
		{Sequence: math.MaxUint64, StreamTime: never}, {Sequence: 100, StreamTime: never},
		{Sequence: 1, StreamTime: never}, {Partition: 7, Sequence: 1, StreamTime: never},
		{Sequence: 100, StreamTime: wrapped},
	} {
		text, err := json.Marshal(forged)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.Publish(nats.DeadLetterSubject(0), text); err != nil {
			t.Fatal(err)
		}
		in.publish(0, "sent", "{}")
		r := in.run(exporter.Options{})
		r.folded(i + 2)
		r.stop()
		letters := in.letters()
		if last := letters[len(letters)-1]; len(letters) != 2*(i+1) || last.Sequence != uint64(i+2) {
			t.Errorf("%d: %d letters, the last one of message %d", i, len(letters), last.Sequence)
		}
		r.said("some dead letters may be written twice", "another program wrote it")
	}
}

// A producer that makes an object keyed by user puts ids where names belong. A dead letter
// shows them by hash and length, the same each time, that nobody can compute without
// the user key.
func TestADeadLetterShowsNoNameThatTheSchemaDoesNotKnow(t *testing.T) {
	in := install(t, 1)
	for range 2 {
		in.publish(0, "sent", `{"eventId":1,"data":{"channel":true,"anna":{"timestamp":1},"anna-schmidt":2}}`)
	}
	r := in.run(exporter.Options{})
	r.folded(2)
	r.proves("a producer writes a user's id as the name of a field")
	r.stop()
	letters := in.letters()
	if diff := cmp.Diff(letters[0].Fields, letters[1].Fields); diff != "" {
		t.Errorf("the same names differ:\n%s", diff)
	}
	var names []string
	for _, f := range letters[0].Fields {
		names = append(names, f.Path)
	}
	pattern := regexp.MustCompile(`^eventId data data.channel data.(unknown-[0-9a-f]{8}-4) ` +
		`data.(unknown-[0-9a-f]{8}-4).timestamp data.(unknown-[0-9a-f]{8}-12)$`)
	parts := pattern.FindStringSubmatch(strings.Join(names, " "))
	if parts == nil || parts[1] != parts[2] {
		t.Fatalf("fields %v", names)
	}
	for _, guess := range []hash.Hash{sha256.New(), hmac.New(sha256.New, nil)} {
		guess.Write([]byte("belfry field name\x00anna"))
		if strings.Contains(parts[1], hex.EncodeToString(guess.Sum(nil))[:8]) {
			t.Error("the hash of a name has no key")
		}
	}
}

// A stream that was deleted and created again has other messages at the same
// sequences.
func TestAnotherStreamHasLettersOfItsOwn(t *testing.T) {
	in := install(t, 1)
	in.publish(0, "sent", "{}")
	r := in.run(exporter.Options{})
	r.folded(1)
	r.stop()
	js, err := in.nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(nats.StreamName(0)); err != nil {
		t.Fatal(err)
	}
	if err := nats.EnsureStreams(t.Context(), in.nc, in.config.StreamOptions()); err != nil {
		t.Fatal(err)
	}
	in.publish(0, "sent", "[]")
	in.publish(0, "sent", "[]")
	r = in.run(exporter.Options{OnFenceMismatch: partition.NewEpoch})
	r.folded(2)
	r.stop()
	if r.log.has("another program wrote it") {
		t.Errorf("the letter of the first stream is taken for a forged one:\n%s", r.log)
	}
	letters := in.letters()
	if len(letters) != 3 || letters[0].Sequence != letters[1].Sequence || letters[0].ID() == letters[1].ID() {
		t.Errorf("letters %+v, want one of the first stream and two of the second", letters)
	}
}

// One bad producer neither doubles the load nor hides the others.
func TestAFloodIsCountedButNotWritten(t *testing.T) {
	in := install(t, 1)
	publisher, err := nats.NewPublisher(
		t.Context(), nats.Options{URL: in.server.URL()}, nats.PublisherOptions{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := in.run(exporter.Options{})
	r.awaitReady()
	r.healthy()
	r.stop()
	const flood = 5000
	for range flood {
		e := nats.Event{Type: "notification.sent", Data: []byte("{}"), Repeatable: true}
		if err := publisher.Publish(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := publisher.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	in.publish(0, "sent", "[")
	r = in.run(exporter.Options{})
	r.folded(flood + 1)
	r.proves("a producer sends nothing but invalid events")
	r.stop()
	letters := map[string]int{}
	for _, l := range in.letters() {
		letters[l.Reason]++
	}
	// 100 at once, and 10 a second while the flood is folded.
	if n := letters["missing_field"]; n < 100 || n > 1000 {
		t.Errorf("%d letters of the flood, want about 100", n)
	}
	if letters["malformed_json"] != 1 {
		t.Errorf("letters %v: the one of the other producer is missing", letters)
	}
	if missed := r.value(catalog.DeadLettersFailed); int(missed)+letters["missing_field"] != flood {
		t.Errorf("%v missed and %d written of %d", missed, letters["missing_field"], flood)
	}
	if n := strings.Count(r.log.String(), "event rejected"); n != 2 {
		t.Errorf("%d warnings, want one per reason:\n%s", n, r.log)
	}
}

// A missing dead-letter stream stops nothing.
func TestLettersThatCannotBeWrittenAreCounted(t *testing.T) {
	t.Parallel()
	in := install(t, 1)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.await("readiness", func() bool { ready, _ := r.Ready(); return ready })
	r.healthy()
	js, err := in.nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(nats.DeadLetterStream); err != nil {
		t.Fatal(err)
	}
	in.publish(0, "sent", "{}")
	in.publish(0, "sent", sent("n1"))
	r.await("the valid event", func() bool { return r.value(catalog.Stages, "stage", "sent") == 1 })
	r.await("the letter to be given up", func() bool { return r.value(catalog.DeadLettersFailed) == 1 })
	r.proves("the stream of dead letters is gone")
}
