package simulate

import (
	"time"

	"belfry/exporter/catalog"
)

// Where users are counted time has grains: an hour for what they do, and 30 days
// for when they are forgotten.
const (
	hour  = int64(time.Hour)
	month = 30 * 24 * hour
	// forgottenAfter is how long a user is remembered of whom nothing is heard.
	forgottenAfter = 400 * 24 * hour
)

// people are the users that have been sent something, have reacted, or have
// been seen in an experiment.
type people struct {
	// all are in the order in which they were first seen. Who comes back after
	// having been forgotten is there once more, and byID has the latest.
	all  []*person
	byID map[string]*person
	// now is the time of each partition, that of its last message.
	now []int64
}

// person is what the truth remembers of one user. Times are nanoseconds since
// 1970, 0 for never.
type person struct {
	partition int
	// firstSeen and lastSeen are when the stream got the first and the last event
	// that says something of the user.
	firstSeen, lastSeen int64
	// engaged is the time of the latest engagement.
	engaged int64
	// sends are the latest sends, in no order. The last class of recent sends
	// begins with that many, so that more of them make no difference.
	sends  [11]int64
	trials []trial
}

func newPeople(partitions int) *people {
	return &people{byID: map[string]*person{}, now: make([]int64, partitions)}
}

// partition is where the events of a user or a component lie: FNV-1a, 32 bits.
func (p *people) partition(key string) int {
	hash := uint32(2166136261)
	for i := range len(key) {
		hash = (hash ^ uint32(key[i])) * 16777619
	}
	return int(hash % uint32(len(p.now)))
}

// pass moves the time of a key's partition on.
func (p *people) pass(key string, received int64) { p.now[p.partition(key)] = received }

// enter remembers what an event in its attribution window says of its user: a
// sending, an engagement, or anything inside an experiment. It returns the
// user's part in that experiment, nil for none.
func (p *people) enter(n *entry) *trial {
	engaged := engages(n.Event)
	if n.Type != catalog.EventSent && !engaged && n.labels.experiment == "" {
		return nil
	}
	if n.of.user == nil {
		n.of.user = p.find(n.UserID, n.received)
	}
	user := n.of.user
	user.lastSeen = n.received
	if engaged {
		// A clock may be ahead; nobody engages later than now.
		user.engaged = max(user.engaged, min(n.Time, n.received))
	}
	if n.labels.experiment == "" {
		return nil
	}
	return user.trial(n.labels.experiment, label(n.labels.variant))
}

// find finds a user, or meets a new one.
func (p *people) find(id string, now int64) *person {
	user := p.byID[id]
	if user == nil || user.forgotten(now) {
		user = &person{partition: p.partition(id), firstSeen: now}
		p.byID[id] = user
		p.all = append(p.all, user)
	}
	return user
}

// forgotten reports whether nothing has been heard of the user for too long.
func (u *person) forgotten(now int64) bool { return u.lastSeen/month < (now-forgottenAfter)/month }

// latest reports whether a time is one of the latest days*24 hours. Never,
// which is 1970, is not.
func latest(days, now, at int64) bool { return now/hour-at/hour < days*24 }

// segment is where the user belongs.
func (u *person) segment(now int64) string {
	switch {
	case latest(7, now, u.firstSeen):
		return "new"
	case latest(30, now, u.engaged):
		return "active"
	case latest(90, now, u.engaged):
		return "at_risk"
	default:
		return "dormant"
	}
}

// enterUsers books all people as they are at the time of their partitions.
func (p *people) enterUsers(b books) {
	for _, user := range p.all {
		now := p.now[user.partition]
		if user.forgotten(now) {
			continue
		}
		b.add(catalog.Users, 1, user.segment(now))
		for _, window := range []struct {
			name string
			days int64
		}{{"1d", 1}, {"7d", 7}, {"30d", 30}} {
			if latest(window.days, now, user.engaged) {
				b.add(catalog.ActiveUsers, 1, window.name)
			}
		}
	}
}
