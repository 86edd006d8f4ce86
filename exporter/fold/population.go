package fold

import "belfry/exporter/metrics"

// Segments and windows, in hours.
const (
	newHours    = 7 * 24
	activeHours = 30 * 24
	atRiskHours = 90 * 24
)

// Population counts users by the hours that matter for their segment, so that
// they move between segments as the stream's time passes, without an event.
// Hours are counted since 1970.
type Population struct {
	// Users is everybody known; Never of them have not engaged yet.
	Users, Never int64
	// Engaged counts users by the hour of their latest engagement.
	Engaged map[int64]int64
	// New and NewEngaged count users by the hour they were first seen: all of
	// them, and those that have engaged.
	New, NewEngaged map[int64]int64
	// Heard counts users by the month in which they were last heard of. When a
	// month expires its users go, dormant all of them.
	Heard map[int64]int64
	// FirstMonth is the oldest month that has not expired.
	FirstMonth int64
}

func newPopulation() Population {
	return Population{}.clone()
}

// arrive counts a user seen for the first time.
func (p *Population) arrive(first, month int64) {
	p.Users++
	p.Heard[month]++
	p.Never++
	p.New[first]++
}

// engage moves a user to a later hour of engagement; before is 0 for the first.
func (p *Population) engage(first, before, now int64) {
	if before == 0 {
		p.Never--
		p.NewEngaged[first]++
	} else {
		decrease(p.Engaged, before)
	}
	p.Engaged[now]++
}

// leave takes a user out.
func (p *Population) leave(first, engaged, month int64) {
	p.Users--
	decrease(p.Heard, month)
	decrease(p.New, first)
	if engaged == 0 {
		p.Never--
		return
	}
	decrease(p.Engaged, engaged)
	decrease(p.NewEngaged, first)
}

// move follows a user who was heard of in another month before.
func (p *Population) move(before, now int64) {
	decrease(p.Heard, before)
	p.Heard[now]++
}

// expire takes out the users of the months before first.
func (p *Population) expire(first int64) {
	if p.FirstMonth == 0 {
		p.FirstMonth = first
	}
	for ; p.FirstMonth < first; p.FirstMonth++ {
		p.Users -= p.Heard[p.FirstMonth]
		delete(p.Heard, p.FirstMonth)
	}
}

func decrease(counts map[int64]int64, hour int64) {
	if counts[hour]--; counts[hour] == 0 {
		delete(counts, hour)
	}
}

// within sums the counts of the last n hours up to now. Events may be a few
// minutes ahead of the stream.
func within(counts map[int64]int64, now, n int64) (sum int64) {
	for h := now - n + 1; h <= now+1; h++ {
		sum += counts[h]
	}
	return sum
}

// segments returns how many users are new, active, at risk and dormant, in the
// order of catalog.LabelSegment.
func (p *Population) segments(now int64) [4]int64 {
	newcomers, engagedNewcomers := within(p.New, now, newHours), within(p.NewEngaged, now, newHours)
	active := within(p.Engaged, now, activeHours)
	atRisk := within(p.Engaged, now, atRiskHours) - active
	active -= engagedNewcomers
	return [4]int64{newcomers, active, atRisk, p.Users - newcomers - active - atRisk}
}

// showPopulation sets the gauges of segments and active users as of the
// stream's time, once there are users.
func (s *State) showPopulation() {
	if s.population.Users == 0 {
		return
	}
	s.population.expire(FirstLiveMonth(s.now))
	now := s.now / hour
	for segment, users := range s.population.segments(now) {
		s.users.Set(float64(users), metrics.Symbol(segment))
	}
	for window, hours := range [...]int64{24, newHours, activeHours} {
		s.activeUsers.Set(float64(within(s.population.Engaged, now, hours)), metrics.Symbol(window))
	}
}
