package nats

import (
	"fmt"
	"strconv"
	"strings"
)

// place is how far delivery has come.
type place struct {
	stream   uint64 // sequence of the last message in the stream
	consumer uint64 // and its number among those that the consumer has sent
}

// advance moves on to a message, if it can be the next one.
func (p *place) advance(d delivery) error {
	if d.consumerSequence != p.consumer+1 || d.streamSequence <= p.stream || d.delivered != 1 {
		return fmt.Errorf("%w: delivery %d (stream sequence %d, attempt %d) came after delivery %d (stream sequence %d)",
			ErrDiscontinuous, d.consumerSequence, d.streamSequence, d.delivered, p.consumer, p.stream)
	}
	p.stream, p.consumer = d.streamSequence, d.consumerSequence
	return nil
}

// confirm compares the number of the last delivery as a heartbeat tells it: only so is a loss noticed that no later message shows.
func (p *place) confirm(lastDelivery string) error {
	if lastDelivery != "" && lastDelivery != strconv.FormatUint(p.consumer, 10) {
		return fmt.Errorf("%w: the server has sent delivery %s, we have %d", ErrDiscontinuous, lastDelivery, p.consumer)
	}
	return nil
}

// delivery is what the server writes into the reply subject of a message that it delivers.
type delivery struct {
	delivered        uint64 // how often this message was delivered, this time included
	streamSequence   uint64
	consumerSequence uint64
	time             int64 // when the stream took it, in nanoseconds since 1970
	pending          uint64
}

const replyPrefix = "$JS.ACK."

// parseDelivery reads
//
//	$JS.ACK.<stream>.<consumer>.<delivered>.<stream sequence>.<consumer sequence>.<time>.<pending>
//
// or its newer form, which has domain and account before the stream and may have more after pending.
func parseDelivery(reply string) (delivery, error) {
	rest, ok := strings.CutPrefix(reply, replyPrefix)
	names, tokens := 2, strings.Count(reply, ".")+1
	if tokens >= 11 {
		names = 4
	} else if tokens != 9 {
		ok = false
	}
	if !ok {
		return delivery{}, malformedReply(reply)
	}
	for range names {
		_, rest, _ = strings.Cut(rest, ".")
	}
	var numbers [5]uint64
	for i := range numbers {
		var token string
		token, rest, _ = strings.Cut(rest, ".")
		n, err := strconv.ParseUint(token, 10, 63)
		if err != nil {
			return delivery{}, malformedReply(reply)
		}
		numbers[i] = n
	}
	return delivery{numbers[0], numbers[1], numbers[2], int64(numbers[3]), numbers[4]}, nil
}

func malformedReply(reply string) error {
	return fmt.Errorf("reply subject %q is not that of a delivery", reply)
}
