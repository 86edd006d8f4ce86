package nats

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// outcome reports what happened to one attempt to publish a message.
type outcome struct {
	kind outcomeKind
	err  error
}

type outcomeKind int

const (
	stored  outcomeKind = iota // the stream has it, from this attempt or an earlier one
	refused                    // the stream will never take it
	failed                     // another attempt may succeed
)

// replySubject returns the subject for the acknowledgement of a message: <inbox>.<lane>.<index>.
func replySubject(buf []byte, prefix string, index uint64) string {
	buf = append(buf[:0], prefix...)
	return string(strconv.AppendUint(buf, index, 10))
}

func replyPrefixOf(inbox string, lane int) string { return inbox + "." + strconv.Itoa(lane) + "." }

func parseReply(inbox, subject string) (lane int, index uint64, err error) {
	rest, ok := strings.CutPrefix(subject, inbox+".")
	laneText, indexText, both := strings.Cut(rest, ".")
	if !ok || !both {
		return 0, 0, fmt.Errorf("subject %q is not below %q", subject, inbox)
	}
	number, err := strconv.ParseUint(laneText, 10, 31)
	if err != nil {
		return 0, 0, err
	}
	index, err = strconv.ParseUint(indexText, 10, 64)
	return int(number), index, err
}

// parseAck reads the server's answer to a message. Nearly all answers are successes, which always begin with the
// stream and need no decoding.
func parseAck(m *natsgo.Msg) outcome {
	if bytes.HasPrefix(m.Data, []byte(`{"stream":`)) {
		return outcome{kind: stored}
	}
	if status := m.Header.Get("Status"); status != "" {
		if status == "503" {
			return outcome{failed,
				fmt.Errorf("%w: no stream has this subject: create the streams", natsgo.ErrNoResponders)}
		}
		return outcome{failed, fmt.Errorf("the server answers %s %s", status, m.Header.Get("Description"))}
	}
	var answer struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &answer); err != nil {
		return outcome{failed, fmt.Errorf("decode the acknowledgement: %w", err)}
	}
	if answer.Error == nil {
		return outcome{failed, fmt.Errorf("acknowledgement names no stream: %q", m.Data)}
	}
	if isFinal(answer.Error.Code) {
		return outcome{refused, answer.Error}
	}
	return outcome{failed, answer.Error}
}

// isFinal reports whether an error is about the message and not about the state of the server. JetStream uses the codes
// of HTTP.
func isFinal(code int) bool {
	const requestTimeout, tooManyRequests, notFound = 408, 429, 404
	return code >= 400 && code < 500 && code != requestTimeout && code != tooManyRequests && code != notFound
}
