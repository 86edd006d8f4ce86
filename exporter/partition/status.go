package partition

import (
	"fmt"
	"time"

	"belfry/exporter/catalog"
)

// Status is where a partition stands.
type Status struct {
	// Partition is the value of the label partition.
	Partition string
	// Sequence is the last folded message, Behind how many the stream has after
	// it. Lag is the age of that message while others wait, otherwise 0.
	Sequence, Behind uint64
	Lag              time.Duration
	// Lost is how many events left the stream before they were folded.
	Lost uint64
	// Exposed says that the numbers are on the exposition. Until then Target is
	// the sequence that the fold has to reach; 0 while the stream is not known.
	Exposed bool
	Target  uint64
	// Withheld says that the numbers are not shown because the disk does not
	// take the high-water mark.
	Withheld bool
	// Halted is why the partition stopped for good; empty while it goes on.
	Halted string
	// FenceBroken says that the stream is not the one that was folded.
	FenceBroken bool

	// CheckpointAge is the time since the latest checkpoint or, before the first
	// one, since the partition was opened; CheckpointDuration and
	// CheckpointBytes are what it took. NoRoom says that the disk is too full
	// for one.
	CheckpointAge, CheckpointDuration time.Duration
	CheckpointBytes                   int
	NoRoom                            bool

	// Notifications, Users and Events are the records that the fold holds.
	Notifications, Users, Events int
	// Sets is how many label sets each family has.
	Sets map[*catalog.Family]int
}

// Status returns where the partition stands. It waits for the fold, at most a
// few milliseconds, and never for the disk.
func (p *Partition) Status() Status {
	now := time.Now()
	s := p.numbers.status(now)
	s.Partition = p.name
	s.Withheld = p.ledger.Withheld()
	s.Exposed = s.Exposed && !s.Withheld
	if why := p.obstacles.halted.Load(); why != nil {
		s.Halted = *why
	}
	s.FenceBroken = p.obstacles.brokenFence.Load()
	latest := p.checkpoints.latest.Load()
	s.CheckpointAge, s.CheckpointDuration, s.CheckpointBytes = now.Sub(latest.at), latest.took, latest.bytes
	s.NoRoom = p.checkpoints.noRoom.Load()
	return s
}

// status returns what the numbers know of where the partition stands.
func (n *numbers) status(now time.Time) Status {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := Status{
		Sequence: n.place.Sequence, Behind: max(n.end, n.place.Sequence) - n.place.Sequence, Lost: n.lost,
		Exposed: n.gate.Open && n.store.Err() == nil, Target: n.gate.Target.Sequence, Sets: n.fold.Sets(),
	}
	if s.Behind > 0 && n.place.Time != 0 {
		s.Lag = now.Sub(time.Unix(0, n.place.Time))
	}
	s.Notifications, s.Users, s.Events = n.store.Len()
	return s
}

// Ready reports whether the numbers are shown and the partition goes on.
func (s *Status) Ready() bool { return s.Exposed && s.Halted == "" }

// String says in plain words how the partition is.
func (s *Status) String() string {
	switch {
	case s.Halted != "":
		return fmt.Sprintf("partition %s is halted: %s", s.Partition, s.Halted)
	case s.Withheld:
		return fmt.Sprintf("partition %s withholds its numbers: its high-water mark cannot be written", s.Partition)
	case !s.Exposed && s.Target == 0:
		return fmt.Sprintf("partition %s waits for its stream", s.Partition)
	case !s.Exposed:
		return fmt.Sprintf("partition %s has folded %d of %d messages", s.Partition, s.Sequence, s.Target)
	case s.NoRoom:
		return fmt.Sprintf("partition %s is at sequence %d and writes no checkpoints: %v", s.Partition, s.Sequence, errNoRoom)
	case s.Lost > 0:
		return fmt.Sprintf("partition %s is at sequence %d, %d behind; %d events were lost", s.Partition, s.Sequence, s.Behind, s.Lost)
	default:
		return fmt.Sprintf("partition %s is at sequence %d, %d behind", s.Partition, s.Sequence, s.Behind)
	}
}
