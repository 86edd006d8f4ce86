package query

import (
	"context"
	"errors"
	"fmt"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"belfry/rules/promapi"
)

// State says in a word how far an answer can be trusted.
type State string

// The states, from good to bad.
const (
	// OK means that the data is complete and new.
	OK State = "ok"
	// Partial means that a part of the data is missing: the range begins before the
	// data or ends after it, has holes, or the server left something out.
	Partial State = "partial"
	// Stale means that the newest sample is too old.
	Stale State = "stale"
	// NoData means that the server answers, and has nothing.
	NoData State = "no_data"
	// Withheld means that an answer would be about too few users.
	Withheld State = "withheld"
	// Unreachable means that nothing answers at the server's address.
	Unreachable State = "unreachable"
	// Slow means that the server did not answer in time.
	Slow State = "slow"
	// TooLarge means that an answer exceeded the limit.
	TooLarge State = "too_large"
	// Truncated means that an answer ended before its end.
	Truncated State = "truncated"
	// Failed means that the server answered with an error.
	Failed State = "failed"
)

// Status is a state with its reason, which is empty for OK.
type Status struct {
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"`
}

// Usable reports whether there is data to compute from.
func (s Status) Usable() bool { return s.State == OK || s.State == Partial || s.State == Stale }

// rank orders the states from good to bad.
var rank = map[State]int{
	OK: 0, Partial: 1, Stale: 2, NoData: 3, Withheld: 4, Truncated: 5, TooLarge: 6, Failed: 7, Slow: 8,
	Unreachable: 9,
}

// Worst returns the worst of the statuses, and OK if there are none.
func Worst(all ...Status) Status {
	worst := Status{State: OK}
	for _, s := range all {
		if rank[s.State] > rank[worst.State] {
			worst = s
		}
	}
	return worst
}

// errSlow says that a query did not end within the timeout of the Source.
type errSlow struct{ timeout time.Duration }

func (e errSlow) Error() string {
	return fmt.Sprintf("Prometheus does not answer within %s: ask for less time or fewer series", e.timeout)
}

// StatusOf returns the status of an error that a method of a Source returned, and OK
// for nil.
func StatusOf(err error) Status {
	if err == nil {
		return Status{State: OK}
	}
	return Status{State: stateOf(err), Reason: err.Error()}
}

func stateOf(err error) State {
	var answer *v1.Error
	switch {
	case errors.As(err, new(errSlow)), errors.Is(err, promapi.ErrSlow), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, context.Canceled):
		return Slow
	case errors.Is(err, promapi.ErrTooLarge):
		return TooLarge
	case errors.Is(err, promapi.ErrTruncated), errors.As(err, &answer) && answer.Type == v1.ErrBadResponse:
		return Truncated
	case errors.Is(err, promapi.ErrUnreachable):
		return Unreachable
	}
	return Failed
}
