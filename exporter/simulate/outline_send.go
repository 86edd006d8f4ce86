package simulate

import (
	"sort"
	"time"

	"belfry/exporter/catalog"
)

// content describes a template on a channel.
type content struct{ channel, template int }

// contents lists what can be sent, contentOf its indexes by channel and template.
var contents, contentOf = func() (all []content, of [][]int32) {
	for c := range channels {
		of = append(of, make([]int32, len(templates)))
		for _, t := range offers[c].all {
			of[c][t] = int32(len(all))
			all = append(all, content{c, t})
		}
	}
	return all, of
}()

// choice draws from weighted alternatives. It holds the cumulative weights.
type choice []float64

func newChoice(n int, weight func(int) float64) choice {
	var c choice
	sum := 0.0
	for i := range n {
		sum += weight(i)
		c = append(c, sum)
	}
	return c
}

func (c choice) draw(u float64) int { return min(sort.SearchFloat64s(c, u*c[len(c)-1]), len(c)-1) }

// send plays a notification: to whom it goes, whether it is held back, and what becomes
// of it.
func (o *Outline) send(at int64) {
	n := notice{at: at, user: int32(o.pickUser()), arm: -1}
	c, t := o.pickContent(&n)
	n.local = o.local[o.s.people.users[n.user].zone]
	n.provider = o.firstProvider(c, int(n.user))
	n.arm = o.enroll(int(n.user), c, t, at)
	if reason := o.suppression(&n, c, t); reason != "" {
		n.provider = noProvider
		o.event(catalog.EventSuppressed, &n)
		o.reach(catalog.StageSuppressed, &n)
		o.add(catalog.Suppressed.Family, 1, c.name, t.category, reason)
		return
	}
	n.recent = o.users[n.user].send(at)
	o.event(catalog.EventSent, &n)
	o.reach(catalog.StageSent, &n)
	o.timeSending(&n, c)
	begun := at
	if o.chance(c.deferred) {
		o.event(catalog.EventDeferred, &n)
		o.reach(catalog.StageDeferred, &n)
		begun += int64(time.Minute) + int64(o.random.Float64()*float64(14*time.Minute))
	}
	o.attempt(&n, c, t, begun)
}

func (o *Outline) pickUser() int {
	r := &o.s.rhythm
	z := min(sort.SearchFloat64s(r.byZone, o.random.Float64()*r.level), len(r.byZone)-1)
	from, to := o.s.people.first[z], o.s.people.first[z+1]
	if from == to {
		from, to = 0, len(o.s.people.users)
	}
	u := o.random.Float64()
	return from + int(u*u*float64(to-from))
}

// pickContent takes a running campaign or another template, as the simulator does.
func (o *Outline) pickContent(n *notice) (*channel, *template) {
	r := &o.s.rhythm
	u := o.random.Float64()*r.volume() - (1-scheduledShare)*r.level
	for i := range r.running {
		b := &r.running[i]
		if u >= 0 && u < b.volume {
			n.content, n.campaign = contentOf[b.channel][b.template], o.campaign(b.id)
			return &channels[b.channel], &templates[b.template]
		}
		u -= b.volume
	}
	c := o.byShare.draw(o.random.Float64())
	t := offers[c].all[o.byWeight[c].draw(o.random.Float64())]
	n.content = contentOf[c][t]
	if templates[t].category == marketing && o.chance(evergreenShare) {
		n.campaign = o.campaign(evergreens[o.random.IntN(len(evergreens))])
	}
	return &channels[c], &templates[t]
}

// firstProvider chooses the provider of the first attempt.
func (o *Outline) firstProvider(c *channel, user int) uint8 {
	to := &devices[o.s.people.users[user].device]
	return uint8(weighted(len(c.providers), func(i int) float64 {
		if p := c.providers[i].platform; p != "" && p != to.platform && to.platform != "" {
			return 0
		}
		return c.providers[i].share
	}, o.random.Float64()))
}

// suppression returns why the notification is not sent, "" if it is.
func (o *Outline) suppression(n *notice, c *channel, t *template) string {
	disturbs := c.name == "push" || c.name == "sms"
	pressing := t.priority == urgent || t.priority == high
	awake := zones[o.s.people.users[n.user].zone].offset
	hour := (n.at + int64(awake)) / int64(time.Hour) % 24
	switch {
	case t.optional() && o.s.people.optedOutOf(int(n.user), contents[n.content].channel):
		return "preference"
	case disturbs && !pressing && (hour >= 22 || hour < 7) && o.chance(0.4):
		return "quiet_hours"
	case t.optional() && o.chance(0.015):
		return "frequency_cap"
	case o.chance(0.002):
		return "duplicate"
	case o.chance(0.0005):
		return catalog.Other
	}
	return ""
}

// changePreference plays a change from the settings page.
func (o *Outline) changePreference() {
	user, c := o.pickUser(), o.random.IntN(len(channels))
	change := catalog.PreferenceChanges[o.random.IntN(2)]
	o.prefer(user, c, change, marketing)
}

// prefer counts a preference change and applies it. One in ten is for all categories.
func (o *Outline) prefer(user, channel int, change, category string) {
	if o.chance(0.1) {
		category = catalog.Unknown
	}
	o.add(catalog.Events.Family, 1, catalog.EventPreferenceChanged.String(), channels[channel].name, category,
		catalog.Unknown, catalog.Unknown)
	o.add(catalog.PreferenceChangesTotal.Family, 1, channels[channel].name, category, change)
	o.s.people.setPreference(user, channel, change == catalog.OptIn)
}
