package nats

import (
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
)

const (
	backoffFirst = 100 * time.Millisecond
	backoffMost  = 5 * time.Second
)

var errNoAck = errors.New("no acknowledgement in time")

// stall stops sending after a failure.
func (l *lane) stall(err error) {
	l.cause = err
	switch l.phase {
	case flowing:
		l.logger.Warn("publishing is interrupted, retrying", "err", err)
		l.phase = draining
		l.drainBy = time.Now().Add(l.ackWait)
	case probing:
		l.pause(time.Now())
	}
}

func (l *lane) pause(now time.Time) {
	l.phase = waiting
	l.retryAt = now.Add(jitter(l.backoff))
	l.backoff = min(2*l.backoff, backoffMost)
}

// tick advances what depends on time.
func (l *lane) tick(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head < l.tail && l.at(l.head).inFlight && now.Sub(l.at(l.head).sentAt) > l.ackWait {
		l.landed(l.head)
		l.stall(l.silence())
	}
	l.proceed(now)
}

// silence returns the likely reason for an overdue acknowledgement. The server does not answer a message on a subject
// that the user may not publish to; it reports an error on the connection.
func (l *lane) silence() error {
	if err := l.link.nc.LastError(); errors.Is(err, natsgo.ErrPermissionViolation) {
		return fmt.Errorf("%w: %w: give this user the permission", errNoAck, err)
	}
	return errNoAck
}

// proceed takes the next step of recovery, if its time has come.
func (l *lane) proceed(now time.Time) {
	switch {
	case l.phase == draining && (l.inFlight == 0 || now.After(l.drainBy)):
		l.giveUpInFlight()
		l.pause(now)
	case l.phase == waiting && !now.Before(l.retryAt):
		l.probe()
	case l.phase == probing && l.inFlight == 0:
		l.resume()
	}
}

// giveUpInFlight stops waiting for answers. A success that comes later still counts.
func (l *lane) giveUpInFlight() {
	for i := l.head; i < l.tail; i++ {
		l.landed(i)
	}
}

// probe sends the oldest message alone.
func (l *lane) probe() {
	l.phase = probing
	if l.head < l.tail {
		l.send(l.head)
	}
}

// resume sends all unfinished messages, in order.
func (l *lane) resume() {
	l.phase = flowing
	l.backoff, l.cause = backoffFirst, nil
	for i := l.head; i < l.tail && l.phase == flowing; i++ {
		if !l.at(i).finished {
			l.send(i)
		}
	}
}

// attach gives the lane a new connection, with nothing in flight.
func (l *lane) attach(to *link, number int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.link, l.replies = to, replyPrefixOf(to.inbox, number)
	l.probe()
	l.proceed(time.Now())
}

// detach takes the connection away. Messages in flight may or may not have arrived.
func (l *lane) detach(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.giveUpInFlight()
	l.phase, l.cause = away, cause
}
