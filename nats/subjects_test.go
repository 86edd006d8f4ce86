package nats

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	natsgo "github.com/nats-io/nats.go"
)

// The schema has test vectors for producers in other languages.
func TestPartitionsOfTheSchema(t *testing.T) {
	var schema struct {
		Defs struct {
			Partition struct {
				Examples []struct {
					Key                   string
					Partitions, Partition int
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(EventSchema, &schema); err != nil {
		t.Fatal(err)
	}
	vectors := schema.Defs.Partition.Examples
	if len(vectors) < 9 {
		t.Errorf("%d vectors, want 9 or more", len(vectors))
	}
	for _, v := range vectors {
		if got := Partition(v.Key, v.Partitions); got != v.Partition {
			t.Errorf("Partition(%q, %d) = %d, the schema says %d", v.Key, v.Partitions, got, v.Partition)
		}
	}
}

func TestSubject(t *testing.T) {
	for _, test := range []struct {
		partition       int
		eventType, want string
	}{
		{2, "notification.delivered", "notify.2.delivered"},
		{0, "system.performance", "notify.0.performance"},
		{1, "user.preference_changed", "notify.1.preference_changed"},
		{17, "notification.opened.by.machine", "notify.17.opened.by.machine"},
	} {
		got, err := Subject(test.partition, test.eventType)
		if err != nil || got != test.want {
			t.Errorf("Subject(%d, %q) = %q, %v; want %q", test.partition, test.eventType, got, err, test.want)
		}
	}
}

func TestSubjectRefuses(t *testing.T) {
	for _, eventType := range []string{
		"", "sent", "notification.", "notification..sent", "notification.sent.", "notification.se nt",
		"notification.*", "notification.>", "notification.sent\r\nPUB x 0", "notification.s\x7f",
	} {
		if got, err := Subject(0, eventType); err == nil {
			t.Errorf("Subject(0, %q) = %q, want an error", eventType, got)
		}
	}
}

func TestParseSubjectRefuses(t *testing.T) {
	for _, subject := range []string{
		"", "notify", "notify.", "notify.1", "notify.1.", "notify.01.sent", "notify.-1.sent", "notify.+1.sent",
		"notify.x.sent", "notify.99999999999999999999.sent", "notify-dead.1", "other.1.sent", "notify.1.a..b", "notify.1.*",
	} {
		if p, event, err := ParseSubject(subject); err == nil {
			t.Errorf("ParseSubject(%q) = %d, %q; want an error", subject, p, event)
		}
	}
}

// What ParseSubject accepts, Subject builds.
func FuzzParseSubject(f *testing.F) {
	f.Add("notify.2.delivered")
	f.Add("notify.10.a.b")
	f.Fuzz(func(t *testing.T, subject string) {
		partition, event, err := ParseSubject(subject)
		if err != nil {
			return
		}
		again, err := Subject(partition, "notification."+event)
		if err != nil || again != subject {
			t.Errorf("%q parses to %d and %q, which make %q, %v", subject, partition, event, again, err)
		}
	})
}

func TestStreamNames(t *testing.T) {
	for partition, want := range map[int]string{0: "NOTIFY_00", 7: "NOTIFY_07", 31: "NOTIFY_31", 128: "NOTIFY_128"} {
		if got := StreamName(partition); got != want {
			t.Errorf("StreamName(%d) = %q, want %q", partition, got, want)
		}
	}
}

// The server maps a raw subject by its own partition(), and for a thousand keys of all sorts it agrees with ours.
func TestPartitionIsTheServers(t *testing.T) {
	srv := startServer(t)
	const partitions = 7
	mapping := fmt.Sprintf("notify.{{partition(%d,1)}}.{{wildcard(2)}}", partitions)
	if err := srv.nats.GlobalAccount().AddMapping("raw.*.*", mapping); err != nil {
		t.Fatal(err)
	}
	nc := connect(t, Options{URL: srv.URL()})
	sub, err := nc.SubscribeSync("notify.>")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]int{}
	for _, key := range thousandKeys() {
		if err := nc.Publish("raw."+key+".sent", nil); err != nil {
			t.Fatal(err)
		}
		m, err := sub.NextMsg(patience)
		if err != nil {
			t.Fatal(err)
		}
		partition, event, err := ParseSubject(m.Subject)
		if err != nil || event != "sent" {
			t.Fatalf("key %q went to %q: %v", key, m.Subject, err)
		}
		if got := Partition(key, partitions); got != partition {
			t.Fatalf("Partition(%q, %d) = %d, the server says %d", key, partitions, got, partition)
		}
		seen[partition]++
	}
	if len(seen) != partitions {
		t.Errorf("keys spread over %d of %d partitions: %v", len(seen), partitions, seen)
	}
}

func thousandKeys() []string {
	var keys []string
	for i := range 250 {
		keys = append(keys,
			fmt.Sprintf("usr_%06d", i*7919),
			fmt.Sprintf("%08x-0000-4000-8000-%012x", i*2654435761, i),
			fmt.Sprintf("käyttäjä-%d-用户", i),
			strings.Repeat("k", 1+i%128)+fmt.Sprint(i))
	}
	return keys
}

func TestPartitionWithoutPartitions(t *testing.T) {
	if got := Partition("usr_1", 0); got != 0 {
		t.Errorf("Partition of none = %d, want 0 as the server answers", got)
	}
}

func ExamplePartition() {
	partition := Partition("usr_123456", 4)
	subject, _ := Subject(partition, "notification.delivered")
	fmt.Println(subject, StreamName(partition))
	// Output: notify.1.delivered NOTIFY_01
}

// The streams' subjects do not overlap: a dead letter is in no partition's stream.
func TestDeadLettersAreApart(t *testing.T) {
	_, nc := onePartition(t)
	js, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string]string{DeadLetterSubject(0): DeadLetterStream,
		"notify.0.sent": StreamName(0)} {
		ack, err := js.Publish(subject, nil, natsgo.Context(within(t, patience)))
		if err != nil || ack.Stream != want {
			t.Errorf("%s is stored in %v (%v), want %s", subject, ack, err, want)
		}
	}
}
