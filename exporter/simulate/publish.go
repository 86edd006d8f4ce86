package simulate

import (
	"context"
	"fmt"
	"time"
)

// Sink delivers one message. The message is overwritten after it returns. Duplicates
// must be stored like all others.
type Sink func(ctx context.Context, m *Message) error

// PublishOptions set the pace at which messages go out. The zero value is as fast as
// the sink takes them.
type PublishOptions struct {
	// Rate limits the number of messages per second; 0 means no limit.
	Rate float64
	// Live sends each message at its ReceivedAt. A simulation that started in the past
	// catches up first.
	Live bool
	// Progress, unless nil, is called about every two seconds.
	Progress func(Stats)
}

// Stats says how far a publication has come.
type Stats struct {
	// Events counts messages, Duplicates those that repeat another one, Bytes the size
	// of their JSON.
	Events, Duplicates, Bytes int
	// Simulated holds the time in the simulation, Elapsed how long it took to get there.
	Simulated time.Time
	Elapsed   time.Duration
}

// PerSecond returns the mean number of messages per second.
func (s Stats) PerSecond() float64 {
	if s.Elapsed <= 0 {
		return 0
	}
	return float64(s.Events) / s.Elapsed.Seconds()
}

// Publish passes a simulation's messages to a sink, in order, until the simulation is
// over or ctx ends, which is not an error. The truth of [Simulator.Count] then covers
// exactly the messages that went out. If the sink returns an error it may be one
// message ahead.
func Publish(ctx context.Context, s *Simulator, to Sink, o PublishOptions) (Stats, error) {
	p := publication{options: o, started: time.Now()}
	p.reported = p.started
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

// publication holds the state of one Publish.
type publication struct {
	options           PublishOptions
	stats             Stats
	started, reported time.Time
}

// slack says how far ahead of its pace a publication may run: waking up for each message
// would limit the rate.
const slack = 2 * time.Millisecond

// wait waits until the next message is due, which is received at a time in the
// simulation. It returns false if ctx ends before.
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
	if p.options.Progress != nil && p.stats.Events%64 == 0 && time.Since(p.reported) >= progressPeriod {
		p.reported = time.Now()
		p.options.Progress(p.now())
	}
}

func (p *publication) now() Stats {
	stats := p.stats
	stats.Elapsed = time.Since(p.started)
	return stats
}
