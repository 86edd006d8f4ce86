package simulate

import (
	"time"

	"belfry/exporter/catalog"
)

// changesPerNotification sets the rate of preference changes from the settings page,
// without a notification.
const changesPerNotification = 0.004

// nextArrival returns when the next notification is due after t. Within a slot
// arrivals are a Poisson process. At its end the waiting starts over, which a
// memoryless process allows.
func (s *Simulator) nextArrival(t int64) int64 {
	for {
		s.rhythm.moveTo(t, s.seedOf(ofCampaigns))
		perNanosecond := s.config.PerMinute * s.rhythm.volume() * (1 + changesPerNotification) / float64(time.Minute)
		gap := s.arrivals.ExpFloat64() / perNanosecond
		if float64(s.rhythm.end-t) > gap {
			return t + int64(gap)
		}
		t = s.rhythm.end
	}
}

// start starts what is due at t: mostly a notification, whose whole lifecycle is
// planned now.
func (s *Simulator) start(t int64) {
	l := s.newLifecycle(t)
	d := s.dice
	switch {
	case d.chance(changesPerNotification / (1 + changesPerNotification)):
		s.planChange(l)
	case !s.address(l):
		s.release(l)
		return
	default:
		if l.reason = s.suppression(d, l.user, l.channelIndex, l.template, t); l.reason != "" {
			decided := t + int64(d.between(10*time.Millisecond, 80*time.Millisecond))
			s.add(l, step{at: decided, kind: catalog.EventSuppressed})
		} else {
			s.add(l, step{at: t, kind: catalog.EventSent, provider: l.first})
			s.planDelivery(l)
		}
	}
	s.schedule(l)
}

// address decides what is sent to which user and how. It returns false if an incident
// prevents the notification.
func (s *Simulator) address(l *lifecycle) bool {
	d := s.dice
	s.rhythm.moveTo(l.begun, s.seedOf(ofCampaigns))
	s.pickUser(l, s.rhythm.zone(d))
	s.pickContent(l)
	if d.chance(1 - s.incidents.volume(l.begun, l.channel.name)) {
		return false
	}
	l.first = l.channel.firstProvider(d, s.deviceOf(l.user))
	l.enrollment = s.enroll(l.user, l.channel, l.template, l.begun)
	s.name(l)
	return true
}

func (s *Simulator) pickUser(l *lifecycle, zone int) {
	l.user = s.people.pick(zone, s.dice)
	l.userID = s.userID(l.user)
}

// pickContent takes a running campaign or another template.
func (s *Simulator) pickContent(l *lifecycle) {
	d := s.dice
	if b := s.rhythm.campaign(d); b != nil {
		l.setContent(b.channel, b.template, b.id)
		return
	}
	c := weighted(len(channels), func(i int) float64 { return channels[i].share }, d.Float64())
	all := offers[c].all
	t := all[weighted(len(all), func(i int) float64 { return templates[all[i]].weight }, d.Float64())]
	l.setContent(c, t, "")
	if l.template.category == marketing && d.chance(evergreenShare) {
		l.campaign = evergreens[d.IntN(len(evergreens))]
	}
}

func (l *lifecycle) setContent(channel, template int, campaign string) {
	l.channel, l.channelIndex = &channels[channel], channel
	l.template = &templates[template]
	l.campaign = campaign
}

// suppression returns why a notification to a user is not sent, "" if it is. It takes
// the index of the channel, and the time in nanoseconds since 1970.
func (s *Simulator) suppression(d *dice, user, channel int, t *template, at int64) string {
	hour := (at + int64(s.zoneOf(user).offset)) / int64(time.Hour) % 24
	disturbs := channels[channel].name == "push" || channels[channel].name == "sms"
	pressing := t.priority == urgent || t.priority == high
	switch {
	case t.optional() && s.people.optedOutOf(user, channel):
		return "preference"
	case disturbs && !pressing && (hour >= 22 || hour < 7) && d.chance(0.4):
		return "quiet_hours"
	case t.optional() && d.chance(0.015):
		return "frequency_cap"
	case d.chance(0.002):
		return "duplicate"
	case d.chance(0.0005):
		return catalog.Other
	}
	return ""
}

// planChange plans a preference change from the settings page.
func (s *Simulator) planChange(l *lifecycle) {
	d := s.dice
	s.rhythm.moveTo(l.begun, s.seedOf(ofCampaigns))
	s.pickUser(l, s.rhythm.zone(d))
	l.setContent(d.IntN(len(channels)), 0, "")
	l.change = catalog.PreferenceChanges[d.IntN(2)]
	s.add(l, step{at: l.begun, kind: catalog.EventPreferenceChanged})
}
