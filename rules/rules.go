// Package rules holds the recording rules and alerts as Go values and renders
// them as the rule files that Prometheus loads.
//
// A recorded series is a value that dashboards, alerts and insights import, so
// a panel and the alert on the same thing use the same expression, and a
// dashboard always plots what its alert thresholds:
//
//	panel.Query(rules.DeliveredPerSent.Where(expr.Var(catalog.LabelChannel)))
//
// # How quickly a fault pages
//
// The exporter is scraped every 10 s, the groups that page at once are
// evaluated every 10 s over windows of 30 s, and Alertmanager waits 5 s for
// company. The three scrapes in a window span 20 s, so a total fault is half of
// what they show within 20 s and all of it within 30 s. Evaluation adds at most
// 10 s, an alert's For at most 10 s where half is enough, and Alertmanager 5 s:
// the page leaves within 45 s, and a provider's own latency comes on top. With a
// scrape interval above 15 s such a window may hold a single scrape, which has
// no rate.
//
// # What must not page
//
// A restart: the exporter hides its business families until it has replayed to
// where it was, and rates that are not there compare with nothing. Alerts that
// conclude from something missing, rather than from an error that is there, end
// in `unless` a partition was hidden within the last minute.
//
// A lull: each alert has an absolute minimum of traffic, because one failure of
// two is 50 % as well.
package rules

// Job is the name of the exporter's scrape job, which the alerts rely on.
const Job = "belfry-exporter"
