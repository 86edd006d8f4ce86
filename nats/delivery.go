package nats

import (
	"fmt"
	"strconv"
	"strings"
)

// place tracks how far delivery has come.
type place struct {
	stream   uint64 // sequence of the last delivered message in the stream
	consumer uint64 // its number among the consumer's deliveries
}

// advance moves on to a message, or reports that it cannot be the next one.
func (p *place) advance(d delivery) error {
	if d.consumerSequence != p.consumer+1 || d.streamSequence <= p.stream || d.delivered != 1 {
		return fmt.Errorf("%w: delivery %d (stream sequence %d, attempt %d) came after delivery %d (stream sequence %d)",
			ErrDiscontinuous, d.consumerSequence, d.streamSequence, d.delivered, p.consumer, p.stream)
	}
	p.stream, p.consumer = d.streamSequence, d.consumerSequence
	return nil
}

// confirm compares the number of the last delivery with the one in a heartbeat. It detects a loss that no later message
// would show.
func (p *place) confirm(lastDelivery string) error {
	if lastDelivery != "" && lastDelivery != strconv.FormatUint(p.consumer, 10) {
		return fmt.Errorf("%w: the server sent delivery %s, %d arrived", ErrDiscontinuous, lastDelivery, p.consumer)
	}
	return nil
}

// delivery holds the fields of a delivered message's reply subject.
type delivery struct {
	delivered        uint64 // how often this message was delivered, including this time
	streamSequence   uint64
	consumerSequence uint64
	time             int64 // when the stream stored it, in nanoseconds since 1970
	pending          uint64
}

const replyPrefix = "$JS.ACK."

// parseDelivery reads a reply subject of the form
//
//	$JS.ACK.<stream>.<consumer>.<delivered>.<stream sequence>.<consumer sequence>.<time>.<pending>
//
// or its newer form, which has domain and account before the stream and may have more tokens after pending.
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
	return fmt.Errorf("invalid reply subject %q of a delivery", reply)
}
