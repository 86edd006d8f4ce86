package partition

import (
	"fmt"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
)

// Status describes the state of a partition at a point in time.
type Status struct {
	// Partition holds the value of the label partition.
	Partition string
	// Sequence numbers the last folded message, Last the last one of the stream.
	// Behind counts the messages of the stream that wait, whether or not it is read.
	// Lag gives the age of the last folded message if any wait, otherwise 0. Of a
	// stream from which nothing was folded all messages wait, since its oldest.
	// Of a stream that does not answer, Lag is at least the time since it did.
	Sequence, Last, Behind uint64
	Lag                    time.Duration
	// Lost counts the events that left the stream before they were folded.
	Lost uint64
	// Exposed says that the numbers are on the exposition. Before that, Target
	// gives the sequence that the fold must reach; 0 if the stream is unknown.
	Exposed bool
	Target  uint64
	// Withheld says that the numbers are not shown because the high-water mark
	// cannot be written.
	Withheld bool
	// Halted says why the partition waits for an operator; empty if it does not.
	Halted string
	// Reading says that the server answers requests for messages of the stream. If
	// it does not, Unread says why, if that is known.
	Reading bool
	Unread  string
	// FenceBroken says that the stream is not the one that was folded.
	FenceBroken bool

	// CheckpointAge gives the time since the latest checkpoint or, before the
	// first one, since the partition was opened. CheckpointDuration and
	// CheckpointBytes say what it took. NoRoom says that the disk is too full for
	// another one.
	CheckpointAge, CheckpointDuration time.Duration
	CheckpointBytes                   int
	NoRoom                            bool

	// Notifications, Users and Events count the records that the fold holds.
	Notifications, Users, Events int
	// Totals counts what producers did wrong, and Placeholders lists the ids that they did
	// not fill in.
	fold.Totals
	Placeholders []fold.Placeholder
	// Sets counts the label sets of each family.
	Sets map[*catalog.Family]int
}

// Status returns the state of the partition. It waits for the fold, a few
// milliseconds at most, and never for the disk.
func (p *Partition) Status() Status {
	now := time.Now()
	reading := p.obstacles.reading.Load()
	s := p.numbers.status(now, reading)
	s.Partition = p.name
	s.Withheld = p.ledger.Withheld()
	s.Exposed = s.Exposed && !s.Withheld
	if why := p.obstacles.halted.Load(); why != nil {
		s.Halted = why.why
	}
	s.Reading = reading
	if why := p.obstacles.unread.Load(); why != nil && !s.Reading {
		s.Unread = *why
	}
	s.FenceBroken = p.obstacles.brokenFence.Load()
	latest := p.checkpoints.latest.Load()
	s.CheckpointAge, s.CheckpointDuration, s.CheckpointBytes = now.Sub(latest.at), latest.took, latest.bytes
	s.NoRoom = p.checkpoints.noRoom.Load()
	return s
}

// status returns the part of the status that the numbers know.
func (n *numbers) status(now time.Time, reading bool) Status {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := Status{
		Sequence: n.place.Sequence, Last: max(n.stream.LastSequence, n.place.Sequence), Lost: n.lost,
		Exposed: n.gate.Open && n.store.Err() == nil, Target: n.gate.Target.Sequence, Sets: n.fold.Sets(),
	}
	if n.other {
		s.Last = n.stream.LastSequence
	}
	var since int64
	if s.Behind, since = n.waiting(); s.Behind > 0 && since != 0 {
		s.Lag = now.Sub(time.Unix(0, since))
	}
	if unseen := now.Sub(n.seenAt); !reading && unseen > 2*watchEvery {
		s.Lag = max(s.Lag, unseen)
	}
	s.Notifications, s.Users, s.Events = n.store.Len()
	s.Totals = n.fold.Totals()
	s.Placeholders = n.fold.Placeholders()
	return s
}

// Ready reports whether the numbers are shown and the stream is read.
func (s *Status) Ready() bool { return s.Exposed && s.Reading && s.Halted == "" }

// String describes the partition's state in plain words.
func (s *Status) String() string {
	switch {
	case s.Halted != "":
		return fmt.Sprintf("partition %s is halted: %s", s.Partition, s.Halted)
	case s.Withheld:
		return fmt.Sprintf("partition %s withholds its numbers: its high-water mark cannot be written", s.Partition)
	case s.NoRoom && s.Exposed:
		return fmt.Sprintf("partition %s is at sequence %d, %d behind, and writes no checkpoints: %v",
			s.Partition, s.Sequence, s.Behind, errNoRoom)
	case !s.Reading && s.Unread != "":
		return fmt.Sprintf("partition %s is at sequence %d, %d behind, and does not read its stream: %s",
			s.Partition, s.Sequence, s.Behind, s.Unread)
	case !s.Exposed && s.Target == 0:
		return fmt.Sprintf("partition %s waits for its stream", s.Partition)
	case !s.Exposed:
		return fmt.Sprintf("partition %s has folded %d of %d messages", s.Partition, s.Sequence, s.Target)
	case !s.Reading:
		return fmt.Sprintf("partition %s is at sequence %d and begins to read its stream", s.Partition, s.Sequence)
	case s.Lost > 0:
		return fmt.Sprintf("partition %s is at sequence %d, %d behind; %d events were lost",
			s.Partition, s.Sequence, s.Behind, s.Lost)
	default:
		return fmt.Sprintf("partition %s is at sequence %d, %d behind", s.Partition, s.Sequence, s.Behind)
	}
}
