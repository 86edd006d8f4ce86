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

// pace is how soon and how often a severity is told.
type pace struct {
	severity settings.Severity
	// groupBy is what a message is about; without it a fault.
	groupBy []string
	// wait is how long a new group waits for company, interval when a change of
	// it is told, above all that it is over, and repeat when it is told again.
	wait, interval, repeat time.Duration
}

// paces are the severities, most urgent first.
//
// For pages the interval is one evaluation of the rules; flapping is damped
// there, by keep_firing_for, and not by telling of an end late.
//
// A repetition is due when the last message is older than repeat at a turn of
// interval. The digest's is short of a day, because at the second turn the last
// message is a moment younger than that.
var paces = []pace{
	{severity: settings.Emergency, interval: 10 * time.Second, repeat: 15 * time.Minute},
	{severity: settings.Critical, wait: 5 * time.Second, interval: 10 * time.Second, repeat: time.Hour},
	{severity: settings.Warning, wait: 30 * time.Second, interval: 5 * time.Minute, repeat: 6 * time.Hour},
	{severity: settings.Info, groupBy: names(rules.LabelTeam), wait: 30 * time.Minute, interval: 12 * time.Hour, repeat: 23 * time.Hour},
}

// byFault makes a group of each fault: two providers that are down are two
// pages, each with its own beginning, end and runbook, while three exporters
// that are down are one. Grouping by less would hold the second provider's page
// back until the group's next turn.
var byFault = names(catalog.LabelAlertName, catalog.LabelRule, catalog.LabelChannel, catalog.LabelProvider)

// byRule makes a group of a rule with a cooldown in a channel.
var byRule = names(catalog.LabelAlertName, catalog.LabelRule, catalog.LabelChannel)

// router builds the routing tree, and gathers the receivers that it combines.
type router struct {
	settings *settings.Settings
	combined map[string][]string
}

// tell is a route to an audience.
func (r *router) tell(a audience, matchers ...string) route {
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
	// Whatever has no known severity. Alertmanager allows no mute times here.
	unknown := audience{receivers: audienceOf(r.settings, settings.DefaultTeam, settings.Warning).receivers}
	root := r.tell(unknown).paced(30*time.Second, 5*time.Minute, 6*time.Hour)
	root.GroupBy = byFault
	// Looked at every 30 s and sent when the last one is older than 50 s: the
	// switch hears of it every minute.
	dog := r.tell(audience{receivers: []string{settings.WatchdogReceiver}}, equal(catalog.LabelAlertName, rules.Watchdog.Name))
	root.Routes = append(root.Routes, dog.paced(0, 30*time.Second, 50*time.Second))
	for _, p := range paces {
		root.Routes = append(root.Routes, r.severity(p))
	}
	return root
}

// severity is the route of a severity: first the rules with receivers of their
// own, then the teams that are told otherwise than the default team, then the
// rest.
func (r *router) severity(p pace) route {
	everybody := audienceOf(r.settings, settings.DefaultTeam, p.severity)
	top := r.tell(everybody, severity(p.severity)).paced(p.wait, p.interval, p.repeat)
	top.GroupBy = p.groupBy
	top.Routes = r.ownReceivers(p)

	custom := r.custom(p.severity, func(a settings.Alert) bool { return len(a.Channels) == 0 })
	for _, team := range slices.Sorted(maps.Keys(r.settings.Teams)) {
		theirs := audienceOf(r.settings, team, p.severity)
		if theirs.compare(everybody) == 0 {
			continue
		}
		branch := r.tell(theirs, equal(rules.LabelTeam, team))
		branch.Routes = r.cooldowns(p, theirs, slices.DeleteFunc(slices.Clone(custom), func(a settings.Alert) bool { return a.Team != team }))
		top.Routes = append(top.Routes, branch)
		custom = slices.DeleteFunc(custom, func(a settings.Alert) bool { return a.Team == team })
	}
	top.Routes = append(top.Routes, r.cooldowns(p, everybody, custom)...)
	return top
}

// custom are the installation's own rules of a severity that are in use.
func (r *router) custom(severity settings.Severity, which func(settings.Alert) bool) []settings.Alert {
	var all []settings.Alert
	for _, a := range r.settings.Alerts {
		if a.On() && a.Severity == severity && which(a) {
			all = append(all, a)
		}
	}
	return all
}

// cooldowns are routes for each cooldown of the alerts, whom the audience hears.
func (r *router) cooldowns(p pace, a audience, alerts []settings.Alert) []route {
	distinct := map[time.Duration]bool{}
	for _, custom := range alerts {
		distinct[cooldown(custom)] = true
	}
	delete(distinct, 0)
	var all []route
	for _, c := range slices.Sorted(maps.Keys(distinct)) {
		all = append(all, r.tell(a, equal(rules.LabelCooldown, model.Duration(c).String())).cooled(p, c))
	}
	return all
}

// ownReceivers are routes for the rules that name receivers themselves: one for
// all that share receivers, mute times and cooldown.
func (r *router) ownReceivers(p pace) []route {
	type cohort struct {
		audience
		cooldown time.Duration
		ids      []string
	}
	var cohorts []*cohort
	for _, a := range r.custom(p.severity, func(a settings.Alert) bool { return len(a.Channels) > 0 }) {
		its := cohort{audience: newAudience(a.Channels, muteOf(r.settings, a.Team, p.severity)), cooldown: cooldown(a)}
		i := slices.IndexFunc(cohorts, func(c *cohort) bool { return c.cooldown == its.cooldown && c.compare(its.audience) == 0 })
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
		all = append(all, r.tell(c.audience, oneOf(catalog.LabelRule, distinct(c.ids)...)).cooled(p, c.cooldown))
	}
	return all
}

// cooled groups by rule, and repeats no sooner than a fault under the cooldown
// can be over.
func (r route) cooled(p pace, cooldown time.Duration) route {
	if cooldown > 0 {
		r.GroupBy = byRule
		r.RepeatInterval = duration(max(p.repeat, 2*cooldown))
	}
	return r
}

func cooldown(a settings.Alert) time.Duration {
	return time.Duration(a.CooldownPeriod) * time.Minute
}
