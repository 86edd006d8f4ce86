package nats

import (
	"time"

	natsgo "github.com/nats-io/nats.go"
)

const (
	messageIDHeader  = natsgo.MsgIdHdr
	receivedAtHeader = "Belfry-Received-At" // RFC 3339 with nanoseconds, see Event.ReceivedAt
)

func receivedAt(h natsgo.Header) int64 {
	values := h[receivedAtHeader]
	if len(values) == 0 {
		return 0
	}
	t, err := time.Parse(time.RFC3339Nano, values[0])
	if err != nil {
		return 0
	}
	return t.UnixNano()
}
