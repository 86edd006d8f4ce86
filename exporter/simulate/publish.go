package simulate

import (
	"context"
	"fmt"
	"time"
)

// Sink takes one message to where it belongs. The message is overwritten after
// it returns. Duplicates must be stored like all others.
type Sink func(ctx context.Context, m *Message) error

// PublishOptions says at which pace messages go out. The zero value is as fast
// as the sink takes them.
type PublishOptions struct {
	// Rate is the number of messages a second; 0 is no limit.
	Rate float64
	// Live has a message go out when its ReceivedAt comes. A simulation that
	// started in the past catches up first.
	Live bool
	// Progress is told how far it is, about every two seconds; nil is not.
	Progress func(Stats)
}

// Stats is how far a publication has come.
type Stats struct {
	// Events is the number of messages, Duplicates how many of them repeat
	// another one, Bytes the size of their JSON.
	Events, Duplicates, Bytes int
	// Simulated is the simulation's time, Elapsed how long it took to get there.
	Simulated time.Time
	Elapsed   time.Duration
}

// PerSecond is the mean number of messages a second.
func (s Stats) PerSecond() float64 {
	if s.Elapsed <= 0 {
		return 0
	}
	return float64(s.Events) / s.Elapsed.Seconds()
}

// Publish takes a simulation's messages to a sink, in order, until the
// simulation is over or ctx ends, which is no error: s.Count then has counted
// just the messages that went out. Only when the sink returns an error may it be
// one message ahead.
func Publish(ctx context.Context, s *Simulator, to Sink, o PublishOptions) (Stats, error) {
	p := publication{options: o, started: time.Now()}
	p.told = p.started
	for {
		at, more := s.NextAt()
		if !more || !p.wait(ctx, at) {
			return p.now(), nil
		}
		var m Message
		s.Next(&m)
		if err := to(ctx, &m); err != nil {
			return p.now(), fmt.Errorf("message %d: %w", p.stats.Events+1, err)
		}
		p.count(&m)
	}
}

// publication is the state of one Publish.
type publication struct {
	options       PublishOptions
	stats         Stats
	started, told time.Time
}

// slack is how far ahead of its pace a publication may be: waking for each
// message would limit the rate.
const slack = 2 * time.Millisecond

// wait waits for the moment of the next message, which the simulation says is
// received at a time. It is false when ctx ends before.
func (p *publication) wait(ctx context.Context, at time.Time) bool {
	var due time.Time
	if p.options.Rate > 0 {
		due = p.started.Add(time.Duration(float64(p.stats.Events) / p.options.Rate * float64(time.Second)))
	}
	if p.options.Live && at.After(due) {
		due = at
	}
	ahead := time.Until(due)
	if ahead < slack {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(ahead)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

const progressPeriod = 2 * time.Second

func (p *publication) count(m *Message) {
	p.stats.Events++
	p.stats.Bytes += len(m.JSON)
	if m.Duplicate {
		p.stats.Duplicates++
	}
	p.stats.Simulated = m.ReceivedAt
	if p.options.Progress != nil && p.stats.Events%64 == 0 && time.Since(p.told) >= progressPeriod {
		p.told = time.Now()
		p.options.Progress(p.now())
	}
}

func (p *publication) now() Stats {
	stats := p.stats
	stats.Elapsed = time.Since(p.started)
	return stats
}
