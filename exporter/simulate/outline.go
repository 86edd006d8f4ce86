package simulate

import (
	"math"
	"time"

	"belfry/exporter/catalog"
	tz "belfry/exporter/zone"
)

// Outline plays a simulation without its events: it draws what happens to each
// notification with the probabilities of a [Simulator] and counts it as the
// exporter does, many times as fast.
//
// Every notification is drawn on its own. So the parts of what is counted add up to
// the whole, each user has a history, and chance is as large as on the platform. Left
// out is what producers do wrong (late, contradictory and duplicate events, wrong
// clocks) and what incidents break.
type Outline struct {
	*counts
	s      *Simulator // its population, rhythm and decisions are used; it is not asked for events
	dice   *dice
	now    int64
	trials int64 // when experiments begin

	byShare  choice   // of channels
	byWeight []choice // of the templates of each channel
	due      [][]reaction
	local    []localHour // of each zone, for the present slot
	places   []*time.Location
	readings []Reading
}

// grain is how precisely an Outline knows when something happens.
const grain = 10 * time.Second

// horizon limits how long after a notification something can still happen to it.
const horizon = 9 * 24 * time.Hour

// localHour holds the hour of the day and the day of the week, from Sunday.
type localHour struct{ hour, weekday uint8 }

// notice holds what is known of a notification once it is addressed.
type notice struct {
	at       int64
	user     int32
	content  int32 // index of contents
	campaign int32 // index of counts.campaigns, 0 for none
	arm      int16 // index of allArms, -1 for none
	provider uint8 // of the latest event that named one, by its index in the channel
	recent   uint8 // class of how many the user was sent before
	local    localHour
	booked   bool // a failure counts for the delivery objective
}

// reaction holds an event of a notification that comes later than its delivery.
type reaction struct {
	notice
	when    int64
	kind    catalog.EventType
	stage   catalog.Stage
	first   bool // the notification has not reached the stage before
	engages bool // it is the first thing that a person does
	acts    bool // the user takes actions with it
	late    bool // it is past the attribution window
	named   bool // a preference change names the notification
}

// NewOutline starts an outline. The configuration must have no incidents. Users take
// part in experiments from the time trials on.
func NewOutline(c Config, trials time.Time) (*Outline, error) {
	s, err := New(c)
	if err != nil {
		return nil, err
	}
	o := &Outline{
		s: s, dice: newDice(), trials: trials.UnixNano(),
		now: s.config.Start.UnixNano() / int64(grain) * int64(grain), due: make([][]reaction, horizon/grain),
		local: make([]localHour, len(zones)), counts: newCounts(s.config.Users),
	}
	o.dice.source.Seed(s.seedOf(ofOutlines), 0)
	for _, z := range zones {
		location, found := tz.Find(z.name)
		if !found {
			location = time.UTC // as in the fold
		}
		o.places = append(o.places, location)
	}
	o.byShare = newChoice(len(channels), func(i int) float64 { return channels[i].share })
	for c := range channels {
		all := offers[c].all
		o.byWeight = append(o.byWeight, newChoice(len(all), func(i int) float64 { return templates[all[i]].weight }))
	}
	return o, nil
}

// Acquaint makes users known who were sent notifications in the day before the outline,
// as many as on an average day. Without it nobody has heard of the platform at first, so
// that opens of what new users were sent outnumber deliveries to new users a week later.
// Call it before the first Play. It counts nothing.
func (o *Outline) Acquaint() {
	const ahead = 24 * time.Hour
	o.s.rhythm.moveTo(o.now, o.s.seedOf(ofCampaigns))
	n := int64(o.s.config.PerMinute * ahead.Minutes())
	for i := range n {
		o.users[o.pickUser()].send(o.now - int64(ahead) + i*(int64(ahead)/n))
	}
}

// Now returns up to when the outline is played.
func (o *Outline) Now() time.Time { return time.Unix(0, o.now).UTC() }

// Play plays on until a time, which is rounded down to 10 s. Deltas then holds what
// was counted meanwhile.
func (o *Outline) Play(to time.Time) {
	o.counts.clear()
	for end := to.UnixNano() / int64(grain) * int64(grain); o.now < end; {
		o.s.rhythm.moveTo(o.now, o.s.seedOf(ofCampaigns))
		next := min(end, o.s.rhythm.end)
		o.playSlot(next)
		o.now = next
	}
	o.report(o.now)
	o.counts.flush()
}

// playSlot plays until a time, up to which the rhythm is constant.
func (o *Outline) playSlot(end int64) {
	for z, place := range o.places {
		t := time.Unix(0, o.now).In(place)
		o.local[z] = localHour{uint8(t.Hour()), uint8(t.Weekday())}
	}
	lasts := float64(end - o.now)
	mean := o.s.config.PerMinute * o.s.rhythm.volume() * lasts / float64(time.Minute)
	for range o.poisson(mean) {
		o.send(o.now + int64(o.dice.Float64()*lasts))
	}
	for range o.poisson(mean * changesPerNotification) {
		o.changePreference()
	}
	for at := o.now / int64(grain); at < end/int64(grain); at++ {
		due := &o.due[at%int64(len(o.due))]
		for i := range *due {
			o.react(&(*due)[i])
		}
		*due = (*due)[:0]
	}
}

// later plans a reaction.
func (o *Outline) later(r reaction) {
	at := max(r.when, o.now) / int64(grain)
	if at-o.now/int64(grain) < int64(len(o.due)) {
		slot := &o.due[at%int64(len(o.due))]
		*slot = append(*slot, r)
	}
}

// poisson draws from the Poisson distribution. Above a mean of 50 it rounds the normal
// distribution of the same mean and variance.
func (o *Outline) poisson(mean float64) int {
	if mean > 50 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*o.dice.NormFloat64())))
	}
	n := 0
	for p := o.dice.Float64(); p > math.Exp(-mean); n++ {
		p *= o.dice.Float64()
	}
	return n
}
