package history

import (
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"belfry/nats"
)

// Transition is what became of an alert.
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

// EndedBy says what the end of a resolved alert is known from.
type EndedBy string

// The sources of an end.
const (
	// ByCondition is the last time that Prometheus saw the raw condition hold.
	ByCondition EndedBy = "condition"
	// ByAlert is the alert's own end, cooldown included: Prometheus records no
	// condition for this rule, or one that other alerts keep up.
	ByAlert EndedBy = "alert"
	// ByAlertUnasked is the alert's own end because Prometheus did not answer.
	ByAlertUnasked EndedBy = "alert, Prometheus did not answer"
)

// Record is one transition as the stream keeps it. It holds who acknowledged and
// why, which no metric does.
type Record struct {
	Transition Transition `json:"transition"`
	// At is when it happened. It may have been written later.
	At time.Time `json:"at"`
	// Fingerprint and StartsAt, as Alertmanager has them, name the episode.
	Fingerprint string    `json:"fingerprint"`
	StartsAt    time.Time `json:"startsAt"`
	// Began is when the episode began, from which times are measured. It is later
	// than StartsAt for an alert that came back under its old start.
	Began   time.Time         `json:"began"`
	Labels  map[string]string `json:"labels"`
	Summary string            `json:"summary,omitempty"`

	// SilencedBy are ids of silences, InhibitedBy fingerprints of other alerts.
	SilencedBy  []string `json:"silencedBy,omitempty"`
	InhibitedBy []string `json:"inhibitedBy,omitempty"`

	// By, Comment and Until tell of an acknowledgement; Silence is the id of the
	// silence that was made with it.
	By      string     `json:"by,omitempty"`
	Comment string     `json:"comment,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
	Silence string     `json:"silence,omitempty"`

	// Ended is the end from which the time to resolve follows, EndedBy where it
	// is known from.
	Ended   *time.Time `json:"ended,omitempty"`
	EndedBy EndedBy    `json:"endedBy,omitempty"`
	// Seconds is the time since Began of an acknowledgement or an end.
	Seconds float64 `json:"seconds,omitempty"`
}

// fingerprint is what Alertmanager makes of labels. Anything else would reach
// into other subjects of the stream.
var fingerprint = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Decode reads the record in a message of the stream.
func Decode(m nats.Message) (*Record, error) {
	r := &Record{}
	if err := json.Unmarshal(m.Data, r); err != nil {
		return nil, fmt.Errorf("message %d is no record of an alert: %w", m.Sequence, err)
	}
	if !fingerprint.MatchString(r.Fingerprint) || m.Subject != nats.AlertSubject(r.Fingerprint) {
		return nil, fmt.Errorf("message %d is no record of an alert: its subject is %s, its fingerprint %q", m.Sequence, m.Subject, r.Fingerprint)
	}
	return r, nil
}

// id is what the stream knows a second copy by: the same transition of the same
// episode after the same past.
func (r *Record) id(after uint64) string {
	return fmt.Sprintf("%s-%d-%s-%d", r.Fingerprint, r.StartsAt.UnixMilli(), r.Transition, after)
}

// since sets the time from the beginning to t. Clocks of two machines may put t
// before it.
func (r *Record) since(t time.Time) {
	r.Seconds = max(0, t.Sub(r.Began).Round(time.Millisecond).Seconds())
}
