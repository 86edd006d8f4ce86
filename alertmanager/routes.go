package alertmanager

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/settings"
)

// pace describes how soon and how often a severity notifies.
type pace struct {
	severity settings.Severity
	// groupBy holds the labels of a group, by default those of a fault.
	groupBy []string
	// wait says how long a new group waits for more alerts, interval how often it
	// notifies about changes, above all that it is over, and repeat how often it
	// notifies without one.
	wait, interval, repeat time.Duration
}

// paces holds the severities, most urgent first.
//
// For pages the interval is one evaluation of the rules. They damp flapping with
// keep_firing_for; a late message about the end would not.
//
// A repetition is due if the last message is older than repeat when interval
// elapses. For the digest it is less than a day, because after two intervals the
// last message is slightly younger than that.
var paces = []pace{
	{severity: settings.Emergency, interval: 10 * time.Second, repeat: 15 * time.Minute},
	{severity: settings.Critical, wait: rules.PageWait, interval: 10 * time.Second, repeat: time.Hour},
	{severity: settings.Warning, wait: 30 * time.Second, interval: 5 * time.Minute, repeat: 6 * time.Hour},
	{
		severity: settings.Info, groupBy: names(rules.LabelTeam),
		wait: 30 * time.Minute, interval: 12 * time.Hour, repeat: 23 * time.Hour,
	},
}

// byFault makes a group of each fault: two providers that are down are two pages,
// each with its own beginning, end and runbook, while three exporters that are down
// are one. Grouping by fewer labels would delay the second provider's page until the
// group's next interval.
var byFault = names(catalog.LabelAlertName, catalog.LabelRule, catalog.LabelChannel, catalog.LabelProvider)

// byRule makes a group of a rule with a cooldown in a channel.
var byRule = names(catalog.LabelAlertName, catalog.LabelRule, catalog.LabelChannel)

// router builds the routing tree, and collects the receivers that it combines.
type router struct {
	settings *settings.Settings
	combined map[string][]string
}

// to returns a route to an audience.
func (r *router) to(a audience, matchers ...string) route {
	name := strings.Join(a.receivers, plus)
	if len(a.receivers) > 1 {
		r.combined[name] = a.receivers
	}
	return route{Matchers: matchers, Receiver: name, Mute: a.mute}
}

func (r route) paced(wait, interval, repeat time.Duration) route {
	r.GroupWait, r.GroupInterval, r.RepeatInterval = duration(wait), duration(interval), duration(repeat)
	return r
}

func duration(d time.Duration) *model.Duration { return new(model.Duration(d)) }

// tree routes the watchdog, then by severity.
func (r *router) tree() route {
	// Alerts of an unknown severity. Alertmanager allows no mute times here.
	unknown := audience{receivers: audienceOf(r.settings, settings.DefaultTeam, settings.Warning).receivers}
	root := r.to(unknown).paced(30*time.Second, 5*time.Minute, 6*time.Hour)
	root.GroupBy = byFault
	// Checked every 30 s and sent if the last message is older than 50 s: the switch
	// gets it every minute.
	dog := r.to(audience{receivers: []string{settings.WatchdogReceiver}}, is(rules.Watchdog))
	root.Routes = append(root.Routes, dog.paced(0, 30*time.Second, 50*time.Second))
	for _, p := range paces {
		root.Routes = append(root.Routes, r.severity(p))
	}
	return root
}

// severity returns the route of a severity: first the rules with receivers of their
// own, then the teams that differ from the default team, then the rest.
func (r *router) severity(p pace) route {
	everybody := audienceOf(r.settings, settings.DefaultTeam, p.severity)
	top := r.to(everybody, severity(p.severity)).paced(p.wait, p.interval, p.repeat)
	top.GroupBy = p.groupBy
	top.Routes = r.ownReceivers(p)

	custom := r.custom(p.severity, func(a settings.Alert) bool { return len(a.Channels) == 0 })
	for _, team := range slices.Sorted(maps.Keys(r.settings.Teams)) {
		theirs := audienceOf(r.settings, team, p.severity)
		if theirs.compare(everybody) == 0 {
			continue
		}
		ours := func(a settings.Alert) bool { return a.Team == team }
		others := func(a settings.Alert) bool { return a.Team != team }
		branch := r.to(theirs, equal(rules.LabelTeam, team))
		branch.Routes = r.cooldowns(p, theirs, slices.DeleteFunc(slices.Clone(custom), others))
		top.Routes = append(top.Routes, branch)
		custom = slices.DeleteFunc(custom, ours)
	}
	top.Routes = append(top.Routes, r.cooldowns(p, everybody, custom)...)
	return top
}

// custom returns the installation's own rules of a severity that are enabled.
func (r *router) custom(of settings.Severity, which func(settings.Alert) bool) []settings.Alert {
	var all []settings.Alert
	for _, a := range r.settings.Alerts {
		if a.On() && a.Severity == of && which(a) {
			all = append(all, a)
		}
	}
	return all
}

// cooldowns returns a route to the audience for each cooldown of the alerts.
func (r *router) cooldowns(p pace, a audience, alerts []settings.Alert) []route {
	known := map[time.Duration]bool{}
	for _, custom := range alerts {
		known[cooldown(custom)] = true
	}
	delete(known, 0)
	var all []route
	for _, c := range slices.Sorted(maps.Keys(known)) {
		all = append(all, r.to(a, equal(rules.LabelCooldown, model.Duration(c).String())).cooled(p, c))
	}
	return all
}

// ownReceivers returns routes for the rules with receivers of their own: one for all
// that share receivers, mute times and cooldown.
func (r *router) ownReceivers(p pace) []route {
	type cohort struct {
		audience
		cooldown time.Duration
		ids      []string
	}
	var cohorts []*cohort
	for _, a := range r.custom(p.severity, func(a settings.Alert) bool { return len(a.Channels) > 0 }) {
		its := cohort{audience: newAudience(a.Channels, muteOf(r.settings, a.Team, p.severity)), cooldown: cooldown(a)}
		i := slices.IndexFunc(cohorts, func(c *cohort) bool {
			return c.cooldown == its.cooldown && c.compare(its.audience) == 0
		})
		if i < 0 {
			i, cohorts = len(cohorts), append(cohorts, &its)
		}
		cohorts[i].ids = append(cohorts[i].ids, a.ID)
	}
	slices.SortFunc(cohorts, func(a, b *cohort) int {
		return cmp.Or(a.compare(b.audience), cmp.Compare(a.cooldown, b.cooldown))
	})
	var all []route
	for _, c := range cohorts {
		all = append(all, r.to(c.audience, oneOf(catalog.LabelRule, sortedOnce(c.ids)...)).cooled(p, c.cooldown))
	}
	return all
}

// cooled groups by rule, and repeats no sooner than a fault with the cooldown can be
// over.
func (r route) cooled(p pace, c time.Duration) route {
	if c > 0 {
		r.GroupBy = byRule
		r.RepeatInterval = duration(max(p.repeat, 2*c))
	}
	return r
}

func cooldown(a settings.Alert) time.Duration {
	return time.Duration(a.CooldownPeriod) * time.Minute
}
