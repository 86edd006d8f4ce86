package nats

import (
	"errors"
	"fmt"
)

const (
	headerFraming = len("NATS/1.0\r\n") + len("\r\n")
	fieldFraming  = len(": ") + len("\r\n")
)

// outgoing is a message as the publisher hands it to its lane.
type outgoing struct {
	subject    string
	id         string
	receivedAt string // as it goes into the header; empty for none
	dedupe     bool
	data       []byte
}

// check refuses what the stream would refuse, or what would break the header.
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
			return errors.New("it has no id, by which the stream would know a second copy")
		}
		for i := range len(o.id) {
			if o.id[i] < ' ' || o.id[i] == 0x7f {
				return fmt.Errorf("its id has the control character %q", o.id[i])
			}
		}
	}
	if size > MaxMessageBytes {
		return fmt.Errorf("%w: %d bytes with its headers, the streams take %d; an event is at most 65536", ErrTooLarge, size, MaxMessageBytes)
	}
	return nil
}
