package nats

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
)

const (
	ackStored  = `{"stream":"NOTIFY_00","seq":1}`
	ackNoSpace = `{"error":{"code":503,"err_code":10077,"description":"no space left"},"stream":"NOTIFY_00","seq":0}`
	ackTooBig  = `{"error":{"code":400,"err_code":10054,"description":"message too big"},"stream":"NOTIFY_00","seq":0}`
	ackNothing = ""
)

// scripted replaces the stream by a script: answers lists, for a message, the answers to its first, second and later
// attempts; after them it is stored. The first answers wait until that many messages are in flight together. It returns
// the publisher and the messages as they arrive, each as "number answer".
func scripted(t *testing.T, o PublisherOptions, together int, answers map[int][]string) (*Publisher, <-chan string) {
	t.Helper()
	srv := startServer(t)
	nc := connect(t, Options{URL: srv.URL()})
	log := make(chan string, 1000)
	names := map[string]string{ackStored: "stored", ackNoSpace: "no space", ackTooBig: "too big", ackNothing: "nothing"}
	var held []*natsgo.Msg
	answer := func(m *natsgo.Msg) {
		var n int
		if _, err := fmt.Sscanf(string(m.Data), `{"n":%d}`, &n); err != nil {
			t.Error(err)
		}
		answer := ackStored
		if len(answers[n]) > 0 {
			answer, answers[n] = answers[n][0], answers[n][1:]
		}
		log <- fmt.Sprint(n, " ", names[answer])
		if answer != ackNothing {
			if err := m.Respond([]byte(answer)); err != nil {
				t.Error(err)
			}
		}
	}
	_, err := nc.Subscribe("notify.0.>", func(m *natsgo.Msg) {
		if held = append(held, m); len(held) < together {
			return
		}
		for _, m := range held {
			answer(m)
		}
		held, together = nil, 0
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return newPublisher(t, srv.URL(), o), log
}

func sendings(log <-chan string) string {
	var all []string
	for len(log) > 0 {
		all = append(all, <-log)
	}
	return strings.Join(all, ", ")
}

// A message that fails is sent again before anything that was not on its way already, alone until it is stored.
func TestRecoveryOrder(t *testing.T) {
	p, log := scripted(t, PublisherOptions{MaxInFlight: 3}, 3, map[int][]string{
		1: {ackNoSpace, ackNoSpace},
		3: {ackNoSpace},
	})
	publishNumbered(t, p, 1, 5)
	flush(t, p)
	want := "1 no space, 2 stored, 3 no space, " + // in flight together
		"1 no space, " + // alone
		"1 stored, " + // alone
		"3 stored, 4 stored, 5 stored" // in order
	if got := sendings(log); got != want {
		t.Errorf("sent\n%s\nwant\n%s", got, want)
	}
}

// With one message in flight the order is strict.
func TestRecoveryStrictOrder(t *testing.T) {
	p, log := scripted(t, PublisherOptions{MaxInFlight: 1}, 1, map[int][]string{2: {ackNoSpace, ackNoSpace}})
	publishNumbered(t, p, 1, 3)
	flush(t, p)
	if got, want := sendings(log), "1 stored, 2 no space, 2 no space, 2 stored, 3 stored"; got != want {
		t.Errorf("sent\n%s\nwant\n%s", got, want)
	}
}

func TestRecoveryFromSilence(t *testing.T) {
	p, log := scripted(t, PublisherOptions{AckWait: time.Second}, 2, map[int][]string{1: {ackNothing}})
	publishNumbered(t, p, 1, 2)
	flush(t, p)
	if got, want := sendings(log), "1 nothing, 2 stored, 1 stored"; got != want {
		t.Errorf("sent\n%s\nwant\n%s", got, want)
	}
}

// What the server will never take is reported once and holds nothing up.
func TestRefusedByTheServer(t *testing.T) {
	p, log := scripted(t, PublisherOptions{}, 1, map[int][]string{2: {ackTooBig}})
	publishNumbered(t, p, 1, 3)
	err := p.Flush(within(t, patience))
	var left *UnacknowledgedError
	if !errors.As(err, &left) || left.Count != 1 || left.IDs[0] != numbered(2).ID {
		t.Fatalf("error is %v", err)
	}
	if want := "message too big"; !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want it to say %q", err, want)
	}
	if got, want := sendings(log), "1 stored, 2 too big, 3 stored"; got != want {
		t.Errorf("sent\n%s\nwant\n%s", got, want)
	}
	flush(t, p)
}

// An error about max_payload names the setting.
func TestRefusedByMaxPayload(t *testing.T) {
	o := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, MaxPayload: 1000, NoSigs: true, NoLog: true}
	p := newPublisher(t, runServer(t, o), PublisherOptions{})
	e := numbered(1)
	e.Data = make([]byte, 2000)
	if err := p.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	err := p.Flush(within(t, patience))
	if want := "raise the server's max_payload to 262144 bytes"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want it to say %q", err, want)
	}
}

func TestParseAck(t *testing.T) {
	for _, test := range []struct {
		name string
		ack  natsgo.Msg
		want outcomeKind
	}{
		{"stored", natsgo.Msg{Data: []byte(ackStored)}, stored},
		{"stored before", natsgo.Msg{Data: []byte(`{"stream":"NOTIFY_00","seq":3,"duplicate":true}`)}, stored},
		{"in a domain", natsgo.Msg{Data: []byte(`{"stream":"NOTIFY_00","domain":"hub","seq":3}`)}, stored},
		{"too large", natsgo.Msg{Data: []byte(ackTooBig)}, refused},
		{"no space", natsgo.Msg{Data: []byte(ackNoSpace)}, failed},
		{"too many", natsgo.Msg{Data: []byte(`{"error":{"code":429,"description":"too many requests"}}`)}, failed},
		{"no stream", natsgo.Msg{Header: natsgo.Header{"Status": {"503"}}}, failed},
		{"status", natsgo.Msg{Header: natsgo.Header{"Status": {"429"}, "Description": {"Too Many Requests"}}}, failed},
		{"empty", natsgo.Msg{}, failed},
		{"not ours", natsgo.Msg{Data: []byte(`{"type":"other"}`)}, failed},
	} {
		got := parseAck(&test.ack)
		if got.kind != test.want || (got.err == nil) != (test.want == stored) {
			t.Errorf("%s: %+v, want kind %d", test.name, got, test.want)
		}
	}
}

func TestReplySubjects(t *testing.T) {
	subject := replySubject(nil, replyPrefixOf("_INBOX.abc", 3), 4711)
	lane, index, err := parseReply("_INBOX.abc", subject)
	if err != nil || lane != 3 || index != 4711 {
		t.Errorf("%q parses to %d, %d, %v", subject, lane, index, err)
	}
	for _, subject := range []string{
		"", "_INBOX.abc", "_INBOX.abc.1", "_INBOX.abc.x.1", "_INBOX.abc.1.x", "_INBOX.other.1.1",
	} {
		if lane, index, err := parseReply("_INBOX.abc", subject); err == nil {
			t.Errorf("%q parses to %d, %d; want an error", subject, lane, index)
		}
	}
}
