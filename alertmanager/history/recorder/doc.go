// Package recorder is the daemon that writes the history of alerts as it happens,
// and exposes what rules and dashboards need from it.
//
// Every few seconds it polls Alertmanager for all its alerts, because only the
// API shows that an alert is suppressed: Alertmanager does not call a webhook for
// what a silence or an inhibition mutes. It also receives the webhook, which
// makes it poll at once and tells the exact end of an alert that Alertmanager no
// longer has. Only what Alertmanager confirms is recorded: a forged message neither
// adds an alert nor ends one, nor the acknowledgement of anybody. What both report
// is written once, see package history.
//
// An alert that Alertmanager no longer has is resolved, unless Alertmanager has
// just started: it keeps alerts in memory, and waits for Prometheus to send them
// again.
//
// The time to resolve ends when the raw condition of the alert ceased to hold.
// Prometheus records the condition of each rule as a series, and each poll
// queries its last samples. After an outage of Prometheus or of the recorder, the
// next query reaches back to the last answer.
package recorder
