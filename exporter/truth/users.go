package truth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// Users are counted by hours for what they do, and by 30 days for when they are
// forgotten.
const (
	hour  = int64(time.Hour)
	month = 30 * day
	// userLifetime limits how long a user without events is remembered.
	userLifetime = 400 * day
)

// user records one person from their first event until they are forgotten. Times
// are nanoseconds since 1970, 0 for never.
type user struct {
	partition *partition
	// heard and first say when the stream got the latest event about the user, and
	// the first one that counts.
	heard, first int64
	// engaged holds the time of the latest engagement.
	engaged int64
	// days holds the days, since 1970, on which the user engaged, in no order. Those
	// that no entry into an experiment looks back to any more are left out.
	days []int64
	// wished holds the time of the latest request to be forgotten that led to this
	// record.
	wished int64
	// gone says that the user asked to be forgotten since.
	gone bool
	// sends holds the times of the latest sends, in no order. The last class of
	// recent sends begins with that many, so older ones make no difference.
	sends  [11]int64
	trials []*trial
}

// meet updates the user of an event that is a send, an engagement, or inside an
// experiment. It returns the user and their part in the experiment, nil if nothing
// may be remembered of them.
func (p *partition) meet(x *entry) (*user, *trial) {
	experiment := x.at.experiment
	if x.Type != catalog.EventSent && !engages(x.Event) && experiment == "" {
		return nil, nil
	}
	who := p.hear(p.pseudonym(x.UserID))
	if x.Time <= who.wished {
		return nil, nil
	}
	if who.first == 0 {
		who.first = p.now
	}
	happened := min(x.Time, p.now) // a producer's clock may be ahead; nobody acts later than now
	if engages(x.Event) {
		who.engage(happened)
	}
	if experiment == "" {
		return who, nil
	}
	trial := who.trial(experiment, x.at.variant, happened/day)
	if trial != nil && x.Type == catalog.EventConverted && x.Value.Currency != "" {
		trial.value += x.Value.Amount
	}
	return who, trial
}

// Entering an experiment looks back covariateDays. An event may be maxAge late.
const (
	covariateDays = 30
	daysKept      = covariateDays + int64(maxAge)/day
)

// engage remembers an engagement.
func (u *user) engage(time int64) {
	u.engaged = max(u.engaged, time)
	u.days = slices.DeleteFunc(u.days, func(d int64) bool { return d < u.partition.now/day-daysKept })
	if today := time / day; !slices.Contains(u.days, today) {
		u.days = append(u.days, today)
	}
}

// engagedBefore counts the days on which the user engaged, of the covariateDays before
// today.
func (u *user) engagedBefore(today int64) (days float64) {
	for _, d := range u.days {
		if d < today && d >= today-covariateDays {
			days++
		}
	}
	return days
}

// pseudonym returns the name under which the exporter files a user.
func (p *partition) pseudonym(id string) string {
	if len(p.options.UserKey) == 0 {
		return id
	}
	pseudonym, known := p.pseudonyms[id]
	if !known {
		mac := hmac.New(sha256.New, p.options.UserKey)
		mac.Write([]byte(id))
		pseudonym = hex.EncodeToString(mac.Sum(nil)[:event.UserHashSize])
		p.pseudonyms[id] = pseudonym
	}
	return pseudonym
}

// hear returns the user of an event, a new one after the old one has expired.
func (p *partition) hear(pseudonym string) *user {
	who := p.byPseudonym[pseudonym]
	if who == nil || who.expired() {
		who = p.newUser(pseudonym)
	}
	who.heard = p.latest
	return who
}

func (p *partition) newUser(pseudonym string) *user {
	who := &user{partition: p, heard: p.latest}
	p.byPseudonym[pseudonym] = who
	p.users = append(p.users, who)
	return who
}

// forget replaces a user by one of whom nothing is known but the request.
func (p *partition) forget(e *event.Event) {
	pseudonym := hex.EncodeToString(e.UserHash[:])
	before := p.hear(pseudonym)
	before.gone = true
	p.newUser(pseudonym).wished = max(before.wished, e.Time)
}

// expired reports whether the user has had no event for too long.
func (u *user) expired() bool { return u.heard/month < (u.partition.latest-userLifetime)/month }

// send remembers a send to the user, and returns how many of those before are
// recent, as far as it matters.
func (u *user) send(time int64) (recent int) {
	oldest := 0
	for i, sent := range u.sends {
		if sent >= time-recentWindow {
			recent++
		}
		if sent < u.sends[oldest] {
			oldest = i
		}
	}
	u.sends[oldest] = max(u.sends[oldest], time)
	return recent
}

// within reports whether a time lies in the latest days*24 hours of the user's
// partition. 0, which means never, does not.
func (u *user) within(days, time int64) bool { return u.partition.now/hour-time/hour < days*24 }

// segment returns the value of catalog.LabelSegment that the user belongs to.
func (u *user) segment() string {
	switch {
	case u.within(7, u.first):
		return "new"
	case u.within(30, u.engaged):
		return "active"
	case u.within(90, u.engaged):
		return "at_risk"
	default:
		return "dormant"
	}
}

// enterUsers adds the users who are known at present.
func enterUsers(all books, users []*user) {
	for _, u := range users {
		if u.first == 0 || u.gone || u.expired() {
			continue
		}
		all.add(catalog.Users, 1, u.segment())
		for window, days := range map[string]int64{"1d": 1, "7d": 7, "30d": 30} {
			if u.within(days, u.engaged) {
				all.add(catalog.ActiveUsers, 1, window)
			}
		}
	}
}
