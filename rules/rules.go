// Package rules holds the recording rules and alerts as Go values and renders
// them as the rule files that Prometheus loads.
//
// Each series and each alert is declared through its group (see group.go), next to
// what it is about: series_*.go has the series, alerts_*.go the alerts. Dashboards,
// alerts and insights import the same values, so that a panel shows exactly what
// its alert compares with the threshold:
//
//	panel.Query(rules.ErrorsPerOutcome.Where(expr.Var(catalog.LabelChannel)))
//
// [Compile] adds what a rules file changes and what it brings itself; package
// settings reads the file.
//
// # What is exact, and what is a rate
//
// Names end in what a series is:
//
//	increase1m, increase5m   exact: how much was counted since the evaluation before
//	increase1h, increase1d   exact: sums of increase5m over the last hour and day
//	increase_hour, _day      exact: sums of increase5m over an hour of the clock, a day of UTC, once
//	rate30s … rate15m        estimates per second, extrapolated to their window
//	ratio_rate5m …           shares of estimates; those over an hour and more are of exact sums
//	p95_rate5m …             quantiles, interpolated within a bucket
//
// Exact increases tile the time: over any period they add up to the difference of
// the counter, to the unit, whatever is hidden, late, moved or missed in it, and
// integers stay integers. [expr.Tally] says how, and what cannot be known. It costs
// one recorded series for each series of a counter, series:…:last5m, which
// nobody else should read. Use rates for what happens now, and increases for
// how many.
//
// To add up a longer period, use sum_over_time of increase5m: increase1d is
// recorded every four minutes and overlaps itself. Over months, increase_hour and
// increase_day have far fewer samples, where [HourComplete] and [DayComplete] say that they
// are there; they follow an hour or a day within 70 minutes.
//
// # How quickly a fault pages
//
// The exporter is scraped every 10 s, the groups that page at once are evaluated
// every 10 s over windows of 30 s, and Alertmanager waits 5 s for more alerts of
// the group. The three scrapes in a window span 20 s, so a total fault is half of
// what they show after 20 s and all of it after 30 s. Evaluation adds at most
// 10 s, For at most 20 s where half is enough, and Alertmanager 5 s: the page
// leaves within 55 s, plus the latency of the provider that delivers it. With a
// scrape interval above 15 s such a window may hold a single scrape, which has no
// rate.
//
// # One fault, one page
//
// A fault shows in several alerts, and in long windows when it is over. An alert names
// in Follows those that explain it: it does not begin to fire while one of them does,
// nor, with Echo, as long afterwards as its windows still show the fault. Alertmanager's
// inhibitions are not enough, since an alert that they hide fires, lasts as long as its
// windows, and pages once the one that hides it ends. One that is to page soon after a
// fault, because another one may follow, asks a short window instead of waiting.
//
// What names a fault most widely comes first: it needs no more time to fire than what
// follows from it. `go run ./cmd/prove weeks urgent` lets each fault that pages happen,
// and a second one soon after it.
//
// # What must not page
//
// A restart: the exporter hides its business families until it has replayed to
// where it was, and missing rates compare with nothing. Alerts that fire because
// something is missing, not because an error was seen, stay silent while a
// partition was hidden within the last minute.
//
// A lull: each alert has an absolute minimum of traffic, because one failure of
// two is 50 % as well.
//
// # To add an alert
//
//  1. Declare it in an alerts_*.go file: var X = group.alert(Alert{…}), with the
//     fields of [Alert]; settings.Prefix is added to its name. A series that it needs is
//     declared in the series_*.go file of its group.
//  2. Name its panel in panels.go, and draw it in dashboards-gen with Watches.
//  3. Write rules/runbooks/NotificationX.md under the same headings as the others.
//  4. Add cases to rules/testdata; its README says which. An alert with
//     DetectsWithin needs one named "NotificationX: total fault at …".
//  5. Run make generate, go run ./cmd/prove rules --rule NotificationX, and the
//     tests of rules and dashboards-gen, which name whatever is missing.
package rules

// Job names the exporter's scrape job, which the alerts rely on.
const Job = "belfry-exporter"
