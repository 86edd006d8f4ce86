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
	user := o.pickUser()
	n := notice{at: at, user: int32(user), arm: -1}
	c, t := o.pickContent(&n)
	n.local = o.local[o.s.people.users[user].zone]
	n.provider = uint8(c.firstProvider(o.dice, o.s.deviceOf(user)))
	n.arm = o.enroll(user, c, t, at)
	if reason := o.s.suppression(o.dice, user, contents[n.content].channel, t, at); reason != "" {
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
	if o.dice.chance(c.deferred) {
		o.event(catalog.EventDeferred, &n)
		o.reach(catalog.StageDeferred, &n)
		begun += int64(o.dice.between(time.Minute, 15*time.Minute))
	}
	o.attempt(&n, c, t, begun)
}

func (o *Outline) pickUser() int { return o.s.people.pick(o.s.rhythm.zone(o.dice), o.dice) }

// pickContent takes a running campaign or another template, as the simulator does.
func (o *Outline) pickContent(n *notice) (*channel, *template) {
	if b := o.s.rhythm.campaign(o.dice); b != nil {
		n.content, n.campaign = contentOf[b.channel][b.template], o.campaign(b.id)
		return &channels[b.channel], &templates[b.template]
	}
	c := o.byShare.draw(o.dice.Float64())
	t := offers[c].all[o.byWeight[c].draw(o.dice.Float64())]
	n.content = contentOf[c][t]
	if templates[t].category == marketing && o.dice.chance(evergreenShare) {
		n.campaign = o.campaign(evergreens[o.dice.IntN(len(evergreens))])
	}
	return &channels[c], &templates[t]
}

// changePreference plays a change from the settings page.
func (o *Outline) changePreference() {
	user, c := o.pickUser(), o.dice.IntN(len(channels))
	change := catalog.PreferenceChanges[o.dice.IntN(2)]
	o.prefer(user, c, change, marketing)
}

// prefer counts a preference change and applies it. One in ten is for all categories.
func (o *Outline) prefer(user, channel int, change, category string) {
	if o.dice.chance(0.1) {
		category = catalog.Unknown
	}
	o.add(catalog.Events.Family, 1, catalog.EventPreferenceChanged.String(), channels[channel].name, category,
		catalog.Unknown, catalog.Unknown)
	o.add(catalog.PreferenceChangesTotal.Family, 1, channels[channel].name, category, change)
	o.s.people.setPreference(user, channel, change == catalog.OptIn)
}
