package fold

import (
	"maps"

	"belfry/exporter/catalog"
)

// Segments and windows, in hours.
const (
	newHours    = 7 * 24
	activeHours = 30 * 24
	atRiskHours = 90 * 24
)

// segmentNames lists the segments in the order of Population.segments, and
// activityNames the windows of catalog.ActiveUsers in that of activityHours.
var (
	segmentNames  = [...]string{"new", "active", "at_risk", "dormant"}
	activityNames = [...]string{"1d", "7d", "30d"}
	activityHours = [numActivity]int64{24, newHours, activeHours}
)

const (
	numSegments = len(segmentNames)
	numActivity = len(activityNames)
)

// Population counts users by the hours that decide on their segment, so that they
// move between segments as the stream's time passes, without an event. Hours are
// counted since 1970.
type Population struct {
	// Users counts everybody known.
	Users int64
	// Engaged counts users by the hour of their latest engagement.
	Engaged map[int64]int64
	// New and NewEngaged count users by the hour they were first seen: all of
	// them, and those that have engaged.
	New, NewEngaged map[int64]int64
	// Heard counts users by the month of their last event. When a month expires so do
	// its users, all of them dormant.
	Heard map[int64]int64
}

func newPopulation() Population {
	return Population{}.clone()
}

// arrive adds a user seen for the first time.
func (p *Population) arrive(first, month int64) {
	p.Users++
	p.Heard[month]++
	p.New[first]++
}

// engage moves a user to a later hour of engagement; before is 0 for the first.
func (p *Population) engage(first, before, now int64) {
	if before == 0 {
		p.NewEngaged[first]++
	} else {
		decrease(p.Engaged, before)
	}
	p.Engaged[now]++
}

// leave removes a user.
func (p *Population) leave(first, engaged, month int64) {
	p.Users--
	decrease(p.Heard, month)
	decrease(p.New, first)
	if engaged != 0 {
		decrease(p.Engaged, engaged)
		decrease(p.NewEngaged, first)
	}
}

// move moves a user to the month of a new event.
func (p *Population) move(before, now int64) {
	decrease(p.Heard, before)
	p.Heard[now]++
}

// expire removes the users of the months before first, and the hours in which
// nobody else can have been seen.
func (p *Population) expire(first int64) {
	for m, users := range p.Heard {
		if m < first {
			p.Users -= users
			delete(p.Heard, m)
		}
	}
	for _, byHour := range [...]map[int64]int64{p.Engaged, p.New, p.NewEngaged} {
		maps.DeleteFunc(byHour, func(h, _ int64) bool { return h < first*month/hour })
	}
}

// decrease removes one, unless the whole hour or month has expired.
func decrease(users map[int64]int64, at int64) {
	if users[at] <= 1 {
		delete(users, at)
		return
	}
	users[at]--
}

// period says which hours may be counted: now is the present one. Later ones up to
// highest are there if the stream's time was taken back.
type period struct{ now, highest int64 }

// last sums up the last n hours, and what is ahead of now.
func (t period) last(n int64, byHour map[int64]int64) (sum int64) {
	if t.highest > t.now {
		for h, users := range byHour {
			if h > t.now-n {
				sum += users
			}
		}
		return sum
	}
	for h := t.now - n + 1; h <= t.now; h++ {
		sum += byHour[h]
	}
	return sum
}

// segments returns how many users are new, active, at risk and dormant.
func (p *Population) segments(t period) [numSegments]int64 {
	newcomers, engagedNewcomers := t.last(newHours, p.New), t.last(newHours, p.NewEngaged)
	active := t.last(activeHours, p.Engaged)
	atRisk := t.last(atRiskHours, p.Engaged) - active
	active -= engagedNewcomers
	return [numSegments]int64{newcomers, active, atRisk, p.Users - newcomers - active - atRisk}
}

// Show calls set with the users of each segment and window as of a time, in
// nanoseconds since 1970. highest holds the greatest one that was ever the stream's.
func (p *Population) Show(at, highest int64, set func(g catalog.Gauge, label string, users int64)) {
	t := period{at / hour, highest / hour}
	for segment, users := range p.segments(t) {
		set(catalog.Users, segmentNames[segment], users)
	}
	for window, hours := range activityHours {
		set(catalog.ActiveUsers, activityNames[window], t.last(hours, p.Engaged))
	}
}

// showPopulation sets the gauges of segments and active users as of the
// stream's time.
func (s *State) showPopulation() {
	s.population.Show(s.clock.Now, s.clock.Highest, func(g catalog.Gauge, label string, users int64) {
		s.table.Gauge(g).Set(float64(users), s.labels.named(g.Labels[0], label))
	})
}
