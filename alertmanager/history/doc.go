// Package history remembers what became of each alert: when it fired, who took
// it on and until when, whether it was silenced or inhibited, when it was over.
//
// # The life of an alert
//
// Alertmanager names an alert by the fingerprint of its labels. Each time it
// fires is an episode, which is the fingerprint and the start. A [Record] is one
// transition of one episode:
//
//	active          it fires, and people are told
//	suppressed      it fires, but a silence or an inhibition keeps it quiet
//	acknowledged    somebody has taken it on, until a time
//	unacknowledged  somebody has given it back
//	expired         the time was up and it still fires
//	resolved        it is over, and with it any acknowledgement
//
// An acknowledgement stops the escalation of an alert and nothing else. It is no
// silence: the people told of the beginning are told of the end, and when the
// alert fires again it is a new episode that nobody has acknowledged.
//
// # Written once
//
// Records are messages of one NATS stream, [belfry/nats.AlertStream], with a
// subject for each fingerprint. There is no other state: a [Book] is what
// follows from the records, and each program makes its own by reading them.
//
// A [Journal] decides from the book what to write, and appends it under the
// condition that the subject has nothing that the book lacks. Whoever was
// overtaken reads on and decides again. So a transition is written once, though
// webhook and poll both tell of it, a daemon dies between writing and knowing
// that it has written, two daemons run, or somebody acknowledges meanwhile.
//
// # How long it took
//
// The book also counts, by severity, how long it took to acknowledge and to
// resolve. A counter must not go down, yet the stream forgets after thirteen
// months. Therefore the counts so far are kept in the stream as well, once a day,
// and a book begins with the last of them: see [Totals].
//
// The time to resolve ends with the rule's raw condition. The alert itself is
// stretched by its cooldown, often by more than the objective of 15 minutes.
package history
