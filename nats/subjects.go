package nats

import (
	"fmt"
	"strconv"
	"strings"
)

// DefaultPartitions is the number of partitions of a new installation, unless it sets one.
const DefaultPartitions = 1

// DeadLetterStream stores what the exporter could not count, for all partitions.
const DeadLetterStream = "NOTIFY_DEAD"

// Dead letters have their own root. Streams for notify.0.> and notify.dead.> would not overlap, but one mistake in an
// operator's wildcard would feed dead letters to both.
const (
	eventRoot      = "notify"
	deadLetterRoot = "notify-dead"
)

// Partition returns the partition of a key: FNV-1a-32 of its bytes, modulo the number of partitions. The key is the
// user id, or the component for system.performance.
//
// The partition() function of a NATS server's subject mappings is the same, so a publisher can compute the partition or
// leave it to the server. Like the server, Partition returns 0 for 0 partitions.
func Partition(key string, partitions int) int {
	if partitions < 1 {
		return 0
	}
	const offset, prime = 2166136261, 16777619
	hash := uint32(offset)
	for i := range len(key) {
		hash = (hash ^ uint32(key[i])) * prime
	}
	return int(hash % uint32(partitions))
}

// StreamName returns the name of a partition's stream: NOTIFY_00 for partition 0.
func StreamName(partition int) string {
	return fmt.Sprintf("NOTIFY_%02d", partition)
}

// Subject returns the subject of an event: notify.2.delivered for notification.delivered in partition 2. It drops the
// part of the event type before the first dot. The rest must be one or more subject tokens without spaces, control
// characters and wildcards.
func Subject(partition int, eventType string) (string, error) {
	name, err := eventName(eventType)
	if err != nil {
		return "", err
	}
	return eventRoot + "." + strconv.Itoa(partition) + "." + name, nil
}

// DeadLetterSubject returns the subject for the dead letters of a partition: notify-dead.2.
func DeadLetterSubject(partition int) string {
	return deadLetterRoot + "." + strconv.Itoa(partition)
}

// ParseSubject returns the partition and the event type, without its prefix, of a subject.
func ParseSubject(subject string) (partition int, event string, err error) {
	rest, ok := strings.CutPrefix(subject, eventRoot+".")
	if !ok {
		return 0, "", fmt.Errorf("invalid subject %q: use notify.<partition>.<event>", subject)
	}
	number, event, _ := strings.Cut(rest, ".")
	partition, err = strconv.Atoi(number)
	if err != nil || partition < 0 || strconv.Itoa(partition) != number {
		return 0, "", fmt.Errorf("invalid subject %q: %q is not a partition", subject, number)
	}
	if err := checkTokens(event); err != nil {
		return 0, "", fmt.Errorf("invalid subject %q: event %w", subject, err)
	}
	return partition, event, nil
}

func eventName(eventType string) (string, error) {
	_, name, found := strings.Cut(eventType, ".")
	if !found {
		return "", fmt.Errorf("invalid event type %q: use a prefix and a name, such as notification.sent", eventType)
	}
	if err := checkTokens(name); err != nil {
		return "", fmt.Errorf("invalid event type %q: name %w", eventType, err)
	}
	return name, nil
}

// checkTokens rejects what a NATS server would reject or, worse, read as a wildcard or as two fields of its protocol.
func checkTokens(tokens string) error {
	start := true
	for i := range len(tokens) {
		switch c := tokens[i]; {
		case c <= ' ' || c == 0x7f || c == '*' || c == '>':
			return fmt.Errorf("%q has the character %q, which is not allowed in a subject", tokens, c)
		case c == '.' && start:
			return fmt.Errorf("%q has an empty part", tokens)
		default:
			start = c == '.'
		}
	}
	if start {
		return fmt.Errorf("%q has an empty part", tokens)
	}
	return nil
}
