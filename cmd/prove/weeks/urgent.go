package weeks

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/settings"
)

// urgent is a fault that pages.
type urgent struct {
	what string
	// pages names the alert, without prefix, and channel what it is about, if anything.
	pages, channel string
	lasts          time.Duration
	does           func(*trouble, *platform)
	// within bounds the time to the page, by default what the alert promises.
	within time.Duration
	// away means that the exporter does not answer, withheld that it shows no numbers.
	away, withheld bool
	// alone means that nobody acknowledges the page, and the next one is called.
	alone bool
	// then begins soon after the fault is over, by default a provider of another channel.
	then *urgent
}

const (
	// before is how long all is well, afterwards how long nothing may page again.
	before, afterwards = 36 * time.Minute, 10 * time.Minute
	// pause is how long after a fault another one begins.
	pause = 3 * time.Minute
	// lastsLong exceeds all that is paged within, and the short windows of burns but one.
	lastsLong = 14 * time.Minute
)

func fails(what string, share float64) func(*trouble, *platform) {
	return func(n *trouble, _ *platform) { n.fails[what] = share }
}

func is(set func(*trouble)) func(*trouble, *platform) {
	return func(n *trouble, _ *platform) { set(n) }
}

// Faults that come second.
var (
	sendgrid = urgent{pages: "ProviderDown", lasts: 2 * time.Minute, does: fails("email/sendgrid", 1)}
	apns     = urgent{pages: "ProviderDown", lasts: 2 * time.Minute, does: fails("push/apns", 1)}
	push     = urgent{pages: "ChannelDown", lasts: 2 * time.Minute, does: fails("push", 1)}
	errors30 = urgent{pages: "ErrorRateHigh", lasts: 6 * time.Minute, does: fails("push", 0.3)}
)

// What stops the exporter from counting.
var (
	unreachable = is(func(n *trouble) { n.unread = true })
	natsGone    = is(func(n *trouble) { n.unread, n.disconnected = true, true })
	natsSilent  = func(n *trouble, p *platform) { n.unread, n.disconnected = true, p.waits > 45*time.Second }
	otherStream = is(func(n *trouble) { n.unread, n.otherStream, n.halted = true, true, true })
	halted      = is(func(n *trouble) { n.unread, n.halted = true, true })
	notRead     = is(func(n *trouble) { n.unread, n.notReading = true, true })
)

// urgents has a fault for each alert that pages, and more than one where it depends on how
// long it lasts what else it shows in.
var urgents = []urgent{
	{what: "channel down", pages: "ChannelDown", lasts: 2 * time.Minute, does: fails("push", 1), then: &apns},
	{what: "channel down for long", pages: "ChannelDown", channel: "push", lasts: lastsLong, does: fails("push", 1),
		then: &errors30},
	{what: "a channel's only provider", pages: "ChannelDown", lasts: 5 * time.Minute, does: fails("in_app", 1)},
	{what: "provider outage", pages: "ProviderDown", lasts: 2 * time.Minute, does: fails("push/apns", 1), then: &push},
	{what: "provider outage for long", pages: "ProviderDown", channel: "push", lasts: lastsLong,
		does: fails("push/apns", 1), then: &errors30},
	{what: "errors", pages: "ErrorRateHigh", channel: "push", lasts: lastsLong, does: fails("push", 0.3),
		then: &push},
	{what: "slow loss", pages: "ErrorBudgetBurn", channel: "push", lasts: 40 * time.Minute, within: 35 * time.Minute,
		does: fails("push", 0.09), then: &push},
	{what: "slow processing", pages: "ProcessingLatencyHigh", channel: "push", lasts: lastsLong,
		does: is(func(n *trouble) { n.slow["push"], n.late["push"] = 20, 120 }), then: &push},
	{what: "late deliveries", pages: "LatencyBudgetBurn", channel: "push", lasts: 20 * time.Minute,
		does: is(func(n *trouble) { n.late["push"] = 120 }), then: &push},
	{what: "exporter down", pages: "ExporterDown", lasts: 2 * time.Minute, does: unreachable, away: true},
	{what: "exporter down for long", pages: "ExporterDown", lasts: lastsLong, does: unreachable, away: true,
		then: &push},
	{what: "NATS down", pages: "ExporterNatsDisconnected", lasts: 2 * time.Minute, does: natsGone},
	{what: "NATS down for long", pages: "ExporterNatsDisconnected", lasts: lastsLong, does: natsGone, then: &push},
	{what: "NATS silent", pages: "EventStreamStalled", lasts: 4 * time.Minute, does: natsSilent},
	{what: "nobody publishes", pages: "EventStreamStalled", lasts: 5 * time.Minute,
		does: is(func(n *trouble) { n.idle = true })},
	{what: "another stream", pages: "FenceBroken", lasts: lastsLong, does: otherStream},
	{what: "partition halted", pages: "PartitionHalted", lasts: lastsLong, does: halted},
	{what: "partition not read", pages: "PartitionNotReading", lasts: lastsLong, does: notRead},
	{what: "numbers withheld", pages: "PartitionHidden", lasts: lastsLong, does: is(func(*trouble) {}), withheld: true},
	{what: "events lost", pages: "EventsLost", lasts: 10 * time.Second,
		does: func(n *trouble, p *platform) { n.grows = p.lost }},
	{what: "figures late", pages: "FreshnessBudgetBurn", lasts: lastsLong, does: is(func(n *trouble) { n.lag = 90 }),
		then: &push},
	{what: "queue stuck", pages: "QueueStuck", lasts: 12 * time.Minute, does: is(func(n *trouble) { n.stuck = true })},
	{what: "quota used up", pages: "ProviderQuotaExhausted", lasts: 6 * time.Minute,
		does: is(func(n *trouble) { n.exhausted = true })},
	{what: "rules fail", pages: "RuleEvaluationFailing", lasts: 6 * time.Minute,
		does: func(n *trouble, p *platform) { n.grows = p.failures }},
	{what: "an experiment does harm", pages: "ExperimentGuardrailBreach", lasts: 12 * time.Minute,
		does: is(func(n *trouble) { n.harm = true })},
	{what: "hard bounces", pages: "HardBounceHigh", channel: "push", lasts: 50 * time.Minute,
		does: is(func(n *trouble) { n.bounces["push/apns"] = 0.3 })},
	{what: "complaints", pages: "ComplaintRateHigh", channel: "push", lasts: 50 * time.Minute,
		does: is(func(n *trouble) { n.complains["push"] = 0.1 })},
	{what: "nobody acknowledges", pages: "ChannelDown", lasts: 20 * time.Minute, does: fails("push", 1), alone: true},
}

// urgentFaults lets each of the faults happen, or those that are named.
func urgentFaults(ctx context.Context, dir string, seed uint64, only ...string) (*urgentReport, error) {
	r := &urgentReport{}
	for i, u := range urgents {
		if len(only) > 0 && !slices.Contains(only, u.what) {
			continue
		}
		if u.then == nil {
			u.then = &sendgrid
		}
		o, err := observe(ctx, filepath.Join(dir, fmt.Sprint(i)), seed, u)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", u.what, err)
		}
		r.all = append(r.all, o)
	}
	return r, nil
}

// observe lets a fault and then another one happen, and collects the pages.
func observe(ctx context.Context, dir string, seed uint64, u urgent) (*observed, error) {
	pager, err := newPager()
	if err != nil {
		return nil, err
	}
	p := newPlatform(seed, nil)
	h, err := newHistory(ctx, dir, p)
	if err != nil {
		return nil, err
	}
	defer h.DB.Close()
	begin := monday(4).Add(11 * time.Hour)
	o := &observed{urgent: u, begins: begin.Add(before)}
	o.ends = o.begins.Add(u.lasts)
	o.second = o.ends.Add(pause)
	end := o.second.Add(u.then.lasts + afterwards)
	if u.withheld {
		h.hidden = between(o.begins, u.lasts)
	}
	if u.away {
		h.down, h.hidden = between(o.begins, u.lasts), between(o.begins, u.lasts+20*time.Second)
	}
	o.happensTo(p)
	if err := h.run(ctx, begin, o.begins.Add(-time.Minute), 10*time.Second, wellGroups...); err != nil {
		return nil, err
	}
	if err := h.run(ctx, o.begins.Add(-time.Minute), end, 10*time.Second); err != nil {
		return nil, err
	}
	o.pages = pager.pages(h.Fired(end), begin, end)
	return o, nil
}

// wellGroups names the groups that are evaluated while all is well: those whose series
// others read over more than a minute.
var wellGroups = append([]string{"notification_pipeline", "notification_delivery_now"}, historyGroups[:5]...)

// happensTo makes the two faults happen to the platform, and has somebody acknowledge the
// first page.
func (o *observed) happensTo(p *platform) {
	var about []label
	if o.channel != "" {
		about = append(about, label{catalog.LabelChannel, o.channel})
	}
	about = append(about, label{catalog.LabelRule, settings.Prefix + o.urgent.pages})
	acknowledged := p.gauge(catalog.AlertAcknowledged, false, about...)
	during := func(t, from time.Time, lasts time.Duration) bool { return t.After(from) && !t.After(from.Add(lasts)) }
	p.upset = func(t time.Time) {
		p.now = newTrouble()
		acknowledged.value = 0
		switch {
		case during(t, o.begins, o.lasts):
			o.does(&p.now, p)
		case during(t, o.second, o.then.lasts):
			o.then.does(&p.now, p)
		}
		if !o.alone && during(t, o.begins.Add(time.Minute), o.lasts) {
			acknowledged.value = 1
		}
	}
}
