package nats

import (
	"fmt"
	"strconv"
	"strings"
)

// DefaultPartitions is the number of partitions of a new installation that does not choose one.
const DefaultPartitions = 1

// DeadLetterStream keeps what the exporter could not count, of all partitions.
const DeadLetterStream = "NOTIFY_DEAD"

// The dead letters have a root of their own: below notify a stream for notify.0.> and one for
// notify.dead.> would do, but one typing error in an operator's wildcard would feed them to both.
const (
	eventRoot      = "notify"
	deadLetterRoot = "notify-dead"
)

// Partition is the partition of a key: FNV-1a-32 of its bytes, modulo the number of partitions.
// The key is the user id, or the component for system.performance.
//
// It is the function behind partition() in a NATS server's subject mappings, so that a publisher may
// compute it, or leave it to the server, and land in the same stream. Like the server it answers 0
// where there are no partitions to choose from.
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

// StreamName is the stream of a partition: NOTIFY_00 for partition 0.
func StreamName(partition int) string {
	return fmt.Sprintf("NOTIFY_%02d", partition)
}

// Subject is where an event is published: notify.2.delivered for a notification.delivered in partition 2.
// The event type loses what stands before its first dot; what is left must be a subject token or several,
// without spaces, control characters and wildcards.
func Subject(partition int, eventType string) (string, error) {
	name, err := eventName(eventType)
	if err != nil {
		return "", err
	}
	return eventRoot + "." + strconv.Itoa(partition) + "." + name, nil
}

// DeadLetterSubject is where the dead letters of a partition go: notify-dead.2.
func DeadLetterSubject(partition int) string {
	return deadLetterRoot + "." + strconv.Itoa(partition)
}

// ParseSubject takes a subject apart again: the partition, and the event type without its prefix.
func ParseSubject(subject string) (partition int, event string, err error) {
	rest, ok := strings.CutPrefix(subject, eventRoot+".")
	if !ok {
		return 0, "", fmt.Errorf("subject %q is not of the form notify.<partition>.<event>", subject)
	}
	number, event, _ := strings.Cut(rest, ".")
	partition, err = strconv.Atoi(number)
	if err != nil || partition < 0 || strconv.Itoa(partition) != number {
		return 0, "", fmt.Errorf("subject %q: %q is not a partition", subject, number)
	}
	if err := checkTokens(event); err != nil {
		return 0, "", fmt.Errorf("subject %q: event %w", subject, err)
	}
	return partition, event, nil
}

func eventName(eventType string) (string, error) {
	_, name, found := strings.Cut(eventType, ".")
	if !found {
		return "", fmt.Errorf("event type %q has no prefix: expected one like notification.sent", eventType)
	}
	if err := checkTokens(name); err != nil {
		return "", fmt.Errorf("event type %q: name %w", eventType, err)
	}
	return name, nil
}

// checkTokens refuses what a NATS server would refuse or, worse, read as a wildcard or as two fields of its protocol.
func checkTokens(tokens string) error {
	start := true
	for i := range len(tokens) {
		switch c := tokens[i]; {
		case c <= ' ' || c == 0x7f || c == '*' || c == '>':
			return fmt.Errorf("%q has the character %q, which a subject cannot carry", tokens, c)
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
