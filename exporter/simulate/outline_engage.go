package simulate

import (
	"time"

	"belfry/exporter/catalog"
)

// engage plans what programs and people do with a notification after its delivery, as
// Simulator.planEngagement does.
func (o *Outline) engage(n *notice, c *channel, t *template, delivered int64) {
	if o.dice.chance(c.machine) {
		o.later(reaction{
			notice: *n, when: delivered + int64(2*time.Second+o.dice.exponential(3*time.Minute)),
			kind: catalog.EventOpened, stage: catalog.StageMachineOpened, first: true,
		})
	}
	var arm *Arm
	if n.arm >= 0 {
		arm = allArms[n.arm].arm
	}
	own := c.response(t, arm)
	switch {
	case o.dice.chance(o.s.inclined(int(n.user), own.Open)):
		o.open(n, c, t, delivered, own.Click)
	case o.dice.chance(c.dismiss):
		acts := c.tracker.knows > knowsNothing && o.dice.chance(snoozingDismissals)
		o.plan(reaction{
			notice: *n, when: delivered + int64(o.dice.delay(c.opens)), kind: catalog.EventDismissed,
			stage: catalog.StageDismissed, first: true, engages: acts, acts: acts,
		})
	}
	if o.dice.chance(c.complain) {
		o.plan(reaction{
			notice: *n, when: delivered + int64(o.dice.scattered(time.Minute, 48*time.Hour)),
			kind: catalog.EventComplained, stage: catalog.StageComplained, first: true,
		})
	}
	if t.optional() && o.dice.chance(own.OptOut) {
		o.later(reaction{
			notice: *n, when: delivered + int64(o.dice.scattered(5*time.Second, 10*time.Minute)),
			kind: catalog.EventPreferenceChanged, stage: catalog.StageOptedOut, first: true,
			named: o.dice.chance(namedOptOuts),
		})
	}
	if o.dice.chance(c.scanned) {
		for i := range 1 + o.dice.IntN(2) {
			o.later(reaction{
				notice: *n, when: delivered + int64(time.Second+o.dice.exponential(20*time.Second)),
				kind: catalog.EventClicked, stage: catalog.StageMachineClicked, first: i == 0,
			})
		}
	}
}

// open plans when and how often a person opens it, and what follows.
func (o *Outline) open(n *notice, c *channel, t *template, delivered int64, click float64) {
	at := delivered + int64(o.dice.delay(c.opens))
	late := o.dice.chance(lateOpens)
	if late {
		at = n.at + int64(o.dice.between(7*24*time.Hour+time.Hour, 8*24*time.Hour+6*time.Hour))
	}
	knows := c.tracker.knows > knowsNothing
	clicks := o.dice.chance(click)
	r := reaction{notice: *n, when: at, kind: catalog.EventOpened, stage: catalog.StageOpened, first: true, late: late}
	opens := !clicks || n.arm >= 0 || !o.dice.chance(unseenOpens)
	if opens {
		r.engages, r.acts = true, knows && o.dice.chance(expandingOpens)
		o.plan(r)
	}
	if !late && o.dice.chance(repeatedOpens) {
		again := r
		again.when, again.first, again.acts = at+int64(o.dice.scattered(time.Minute, 24*time.Hour)), !opens, false
		again.engages = false
		o.plan(again)
	}
	if !clicks {
		return
	}
	r.when, r.kind, r.stage, r.acts = at+int64(o.dice.scattered(time.Second, 10*time.Minute)), catalog.EventClicked,
		catalog.StageClicked, knows
	r.engages = !opens
	clicked := r.when
	o.plan(r)
	r.first, r.engages = false, false
	if o.dice.chance(repeatedClicks) {
		r.when = clicked + int64(o.dice.scattered(2*time.Second, 20*time.Minute))
		o.plan(r)
	}
	if !late && o.dice.chance(c.convert*interest(t.category)) {
		r.when, r.kind, r.stage = clicked+int64(o.dice.scattered(30*time.Second, 24*time.Hour)), catalog.EventConverted,
			catalog.StageConverted
		r.first, r.acts = true, true
		o.plan(r)
	}
}

// plan plans a person's reaction, as Simulator.react does.
func (o *Outline) plan(r reaction) {
	age := time.Duration(r.when - r.at)
	if undecided(age) {
		return
	}
	r.late = age > 7*24*time.Hour
	o.later(r)
}

// react counts a reaction when it happens.
func (o *Outline) react(r *reaction) {
	n := &r.notice
	c := n.channel()
	switch r.kind {
	case catalog.EventPreferenceChanged:
		o.prefer(int(n.user), contents[n.content].channel, catalog.OptOut, r.preference())
		if r.named {
			o.reach(r.stage, n)
		}
		return
	case catalog.EventBounced:
		(&trouble{}).fail(o, n, &n.carrier().final[0], r.kind, r.stage)
		return
	}
	o.event(r.kind, n)
	if r.acts {
		for _, action := range actionsOf(r.kind) {
			o.add(catalog.Actions.Family, 1, c.name, action)
		}
	}
	value := 0.0
	if r.kind == catalog.EventConverted {
		value = o.convert(n)
	}
	if r.late {
		o.add(catalog.EventsLate.Family, 1)
		return
	}
	if r.first {
		o.reach(r.stage, n)
		o.timeReaction(r)
	}
	if value > 0 && n.arm >= 0 {
		o.worth(n, value)
	}
	if r.engages {
		o.reach(catalog.StageEngaged, n)
	}
	if !r.machine() && r.stage != catalog.StageComplained && (r.stage != catalog.StageDismissed || r.acts) {
		o.users[n.user].engage(r.when)
	}
}

// machine reports whether a program reacted.
func (r *reaction) machine() bool {
	return r.stage == catalog.StageMachineOpened || r.stage == catalog.StageMachineClicked
}

// preference returns the category of a preference change.
func (r *reaction) preference() string {
	if r.named {
		return templates[contents[r.content].template].category
	}
	return marketing
}

// actionsOf returns the actions that users take with an event, if they do.
func actionsOf(kind catalog.EventType) []string {
	switch kind {
	case catalog.EventOpened:
		return []string{"expand", "save"}
	case catalog.EventClicked:
		return []string{"click"}
	case catalog.EventConverted:
		return []string{"purchase"}
	default:
		return []string{"snooze"}
	}
}

// convert counts what a conversion is worth, and returns it.
func (o *Outline) convert(n *notice) float64 {
	value := o.dice.price()
	currency := zones[o.s.people.users[n.user].zone].currency
	o.add(catalog.ConversionValue.Family, value, n.channel().name, o.campaigns.names[n.campaign], currency)
	return value
}
