// Package recorder is the daemon that writes the history of alerts as it
// happens, and shows of it what rules and dashboards need.
//
// Every few seconds it asks Alertmanager for all alerts it has, because only
// there it is seen that one is suppressed: a webhook is not called for what a
// silence or an inhibition keeps quiet. It takes the webhook as well, which
// knows of an alert shorter than the pause between two questions, and the exact
// end. What both tell is written once, see package history.
//
// An alert that Alertmanager does not have any more is over, unless Alertmanager
// itself has just started: it keeps alerts in memory only, and waits for
// Prometheus to send them again.
//
// When an alert is over, the time that counts ends where its raw condition did.
// Prometheus records the condition of each rule as a series, and is asked for
// its last samples together with Alertmanager. An outage of Prometheus, or of
// this daemon, is made up for: the next question goes back to where the last
// answer ended.
package recorder
