package nats

import (
	"errors"
	"testing"

	natsgo "github.com/nats-io/nats.go"
)

func TestParseDelivery(t *testing.T) {
	want := delivery{delivered: 1, streamSequence: 4711, consumerSequence: 12, time: 1795402733123456789, pending: 3}
	for _, reply := range []string{
		"$JS.ACK.NOTIFY_00.c.1.4711.12.1795402733123456789.3",
		"$JS.ACK._.hash.NOTIFY_00.c.1.4711.12.1795402733123456789.3",
		"$JS.ACK.hub.hash.NOTIFY_00.c.1.4711.12.1795402733123456789.3.token",
	} {
		if got, err := parseDelivery(reply); err != nil || got != want {
			t.Errorf("%s: %+v, %v", reply, got, err)
		}
	}
}

func TestParseDeliveryRefuses(t *testing.T) {
	for _, reply := range []string{
		"", "$JS.ACK.", "_INBOX.x.1", "$JS.ACK.S.c.1.2.3.4", "$JS.ACK.S.c.1.2.3.4.5.6",
		"$JS.ACK.S.c.1.2.x.4.5", "$JS.ACK.S.c.1.2.-3.4.5", "$JS.ACK.S.c.1.2..4.5", "$JS.ACK.S.c.1.2.99999999999999999999.4.5",
	} {
		if got, err := parseDelivery(reply); err == nil {
			t.Errorf("%q gives %+v, want an error", reply, got)
		}
	}
}

// What we accept, nats.go reads alike.
func FuzzParseDelivery(f *testing.F) {
	f.Add("$JS.ACK.NOTIFY_00.c.1.4711.12.1795402733123456789.3")
	f.Add("$JS.ACK.hub.hash.NOTIFY_00.c.1.4711.12.1795402733123456789.3.token")
	f.Fuzz(func(t *testing.T, reply string) {
		got, err := parseDelivery(reply)
		if err != nil {
			return
		}
		theirs, err := (&natsgo.Msg{Reply: reply, Sub: &natsgo.Subscription{}}).Metadata()
		if err != nil {
			t.Fatalf("%q: %v", reply, err)
		}
		want := delivery{
			theirs.NumDelivered, theirs.Sequence.Stream, theirs.Sequence.Consumer,
			theirs.Timestamp.UnixNano(), theirs.NumPending,
		}
		if got != want {
			t.Errorf("%q: %+v, nats.go has %+v", reply, got, want)
		}
	})
}

func TestPlaceAdvance(t *testing.T) {
	for _, test := range []struct {
		name string
		next delivery
		ok   bool
	}{
		{"next", delivery{delivered: 1, streamSequence: 101, consumerSequence: 8}, true},
		{"gap in the stream", delivery{delivered: 1, streamSequence: 150, consumerSequence: 8}, true},
		{"lost on the way", delivery{delivered: 1, streamSequence: 102, consumerSequence: 9}, false},
		{"repeated", delivery{delivered: 1, streamSequence: 100, consumerSequence: 7}, false},
		{"going back", delivery{delivered: 1, streamSequence: 99, consumerSequence: 8}, false},
		{"second attempt", delivery{delivered: 2, streamSequence: 101, consumerSequence: 8}, false},
	} {
		p := place{stream: 100, consumer: 7}
		err := p.advance(test.next)
		if test.ok && (err != nil || p.stream != test.next.streamSequence) {
			t.Errorf("%s: %v, place is %+v", test.name, err, p)
		}
		if !test.ok && !errors.Is(err, ErrDiscontinuous) {
			t.Errorf("%s: %v, want ErrDiscontinuous", test.name, err)
		}
	}
}

func TestHear(t *testing.T) {
	status := func(code, description, lastDelivery string) *natsgo.Msg {
		return &natsgo.Msg{Subject: "inbox.7", Header: natsgo.Header{
			"Status": {code}, "Description": {description}, "Nats-Last-Consumer": {lastDelivery},
		}}
	}
	for _, test := range []struct {
		name   string
		heard  *natsgo.Msg
		want   error
		wanted int
	}{
		{"heartbeat", status("100", "Idle Heartbeat", "12"), nil, 500},
		{"heartbeat after a loss", status("100", "Idle Heartbeat", "13"), ErrDiscontinuous, 500},
		{"expired", status("408", "Request Timeout", ""), nil, 0},
		{"full by bytes", status("409", "Message Size Exceeds MaxBytes", ""), nil, 0},
		{"completed", status("409", "Batch Completed", ""), nil, 0},
		{"deleted", status("409", "Consumer Deleted", ""), ErrConsumerGone, 500},
		{"moved", status("409", "Leadership Change", ""), ErrConsumerGone, 500},
		{"nobody there", status("503", "", ""), ErrConsumerGone, 500},
		{"earlier request", &natsgo.Msg{Subject: "inbox.6", Header: natsgo.Header{"Status": {"408"}}}, nil, 500},
	} {
		r := reader{request: "inbox.7", wanted: 500, place: place{stream: 100, consumer: 12}}
		if err := r.take(test.heard); !errors.Is(err, test.want) || r.wanted != test.wanted {
			t.Errorf("%s: %v and %d still wanted; expected %v and %d", test.name, err, r.wanted, test.want, test.wanted)
		}
	}
}
