// Package history records what happens to each alert: when it fires, who
// acknowledges it and until when, whether it is silenced or inhibited, and when
// it resolves.
//
// # The life of an alert
//
// Alertmanager names an alert by the fingerprint of its labels. Each time it
// fires is an episode, identified by the fingerprint and the start. A [Record] is
// one transition of one episode:
//
//	active          the alert fires, and people are notified
//	suppressed      the alert fires, but a silence or an inhibition mutes it
//	acknowledged    somebody works on it, until a given time
//	unacknowledged  somebody has withdrawn the acknowledgement
//	expired         the time is up and the alert still fires
//	resolved        the alert no longer fires; any acknowledgement ends
//
// An acknowledgement stops the escalation of an alert and nothing else. It is not
// a silence: whoever was notified that the alert fires is notified that it is
// resolved, and when it fires again, that is a new episode without an
// acknowledgement.
//
// # Written once
//
// Records are messages of one NATS stream, [belfry/nats.AlertStream], with one
// subject per fingerprint. There is no other state: a [Book] follows from the
// records, and each program builds its own by reading them.
//
// A [Journal] decides from its book what to write, and appends it on condition
// that the subject has no record that the book lacks. If another program was
// faster, it reads on and decides again. So each transition is written once, even
// though the webhook and the poll both report it, a daemon dies between writing a
// record and learning that it is written, two daemons run, or somebody
// acknowledges in the meantime.
//
// # How long it took
//
// The book also counts, by severity, how long it took to acknowledge and to
// resolve. A counter must not go down, yet records leave the stream after
// thirteen months. Therefore the counts are saved to the stream once a day, and a
// book starts from the latest ones: see [Totals].
//
// The time to resolve ends with the rule's raw condition. The alert itself fires
// longer by its cooldown, which often exceeds the objective of 15 minutes.
package history
