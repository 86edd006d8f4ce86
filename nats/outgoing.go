package nats

import (
	"errors"
	"fmt"
)

const (
	headerFraming = len("NATS/1.0\r\n") + len("\r\n")
	fieldFraming  = len(": ") + len("\r\n")
)

// outgoing holds a message on its way from the publisher to a lane.
type outgoing struct {
	subject    string
	id         string
	receivedAt string // the header value; empty for none
	dedupe     bool
	data       []byte
}

// check rejects what the stream would reject, and what would break the header.
func (o outgoing) check() error {
	size := len(o.data)
	if o.dedupe || o.receivedAt != "" {
		size += headerFraming
	}
	if o.receivedAt != "" {
		size += len(receivedAtHeader) + len(o.receivedAt) + fieldFraming
	}
	if o.dedupe {
		size += len(messageIDHeader) + len(o.id) + fieldFraming
		if o.id == "" {
			return errors.New("it has no id: set one, by which the stream stores it once")
		}
		for i := range len(o.id) {
			if o.id[i] < ' ' || o.id[i] == 0x7f {
				return fmt.Errorf("invalid id: it has the control character %q", o.id[i])
			}
		}
	}
	if size > MaxMessageBytes {
		return fmt.Errorf("%w: %d bytes with its headers; streams accept up to %d, the exporter events up to 65536",
			ErrTooLarge, size, MaxMessageBytes)
	}
	return nil
}
