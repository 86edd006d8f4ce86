package history

import (
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"belfry/nats"
)

// Transition names one step in the life of an alert.
type Transition string

// The transitions. Active, Suppressed and Resolved are also the states of an
// alert.
const (
	Active         Transition = "active"
	Suppressed     Transition = "suppressed"
	Acknowledged   Transition = "acknowledged"
	Unacknowledged Transition = "unacknowledged"
	Expired        Transition = "expired"
	Resolved       Transition = "resolved"
)

// EndedBy says how the end of a resolved alert is known.
type EndedBy string

// The sources of an end.
const (
	// ByCondition means the last time that the raw condition held, as recorded by
	// Prometheus.
	ByCondition EndedBy = "condition"
	// ByAlert means the alert's own end, cooldown included: Prometheus records no
	// condition for the rule, or another alert shares the condition.
	ByAlert EndedBy = "alert"
	// ByAlertUnasked means the alert's own end because Prometheus did not answer.
	ByAlertUnasked EndedBy = "alert, Prometheus did not answer"
)

// Record stores one transition in the stream. Unlike the metrics, it holds who
// acknowledged and why.
type Record struct {
	Transition Transition `json:"transition"`
	// At tells when it happened, which may be before it was written.
	At time.Time `json:"at"`
	// Fingerprint and StartsAt, as Alertmanager reports them, identify the episode.
	Fingerprint string    `json:"fingerprint"`
	StartsAt    time.Time `json:"startsAt"`
	// Began starts the episode; durations count from here. It is later than StartsAt
	// for an alert that returned with its old start.
	Began   time.Time         `json:"began"`
	Labels  map[string]string `json:"labels"`
	Summary string            `json:"summary,omitempty"`

	// SilencedBy holds ids of silences, InhibitedBy fingerprints of other alerts.
	SilencedBy  []string `json:"silencedBy,omitempty"`
	InhibitedBy []string `json:"inhibitedBy,omitempty"`

	// By, Comment and Until describe an acknowledgement; Silence is the id of the
	// silence created with it.
	By      string     `json:"by,omitempty"`
	Comment string     `json:"comment,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
	Silence string     `json:"silence,omitempty"`

	// Ended ends the time to resolve; EndedBy says how it is known.
	Ended   *time.Time `json:"ended,omitempty"`
	EndedBy EndedBy    `json:"endedBy,omitempty"`
	// Seconds counts from Began to the acknowledgement or the end.
	Seconds float64 `json:"seconds,omitempty"`
}

// fingerprint matches the fingerprints that Alertmanager computes. Any other text
// could name another subject of the stream.
var fingerprint = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Decode decodes the record in a message of the stream.
func Decode(m nats.Message) (*Record, error) {
	r := &Record{}
	if err := json.Unmarshal(m.Data, r); err != nil {
		return nil, fmt.Errorf("message %d is not an alert record: %w", m.Sequence, err)
	}
	if !fingerprint.MatchString(r.Fingerprint) || m.Subject != nats.AlertSubject(r.Fingerprint) {
		return nil, fmt.Errorf("message %d is not an alert record: subject %s, fingerprint %q",
			m.Sequence, m.Subject, r.Fingerprint)
	}
	return r, nil
}

// id identifies a second copy of the record to the stream: the same transition of
// the same episode after the same sequence.
func (r *Record) id(after uint64) string {
	return fmt.Sprintf("%s-%d-%s-%d", r.Fingerprint, r.StartsAt.UnixMilli(), r.Transition, after)
}

// measure sets the time from the beginning to t, which may be earlier by another
// machine's clock.
func (r *Record) measure(t time.Time) {
	r.Seconds = max(0, t.Sub(r.Began).Round(time.Millisecond).Seconds())
}
