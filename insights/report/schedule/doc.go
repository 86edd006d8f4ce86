// Package schedule sends reports at set times, each once.
//
// A file, see [Parse], says which report is due when, in which time zone, and who gets it in
// which formats. [Runner] makes a report when it is due and hands it to each recipient through
// package deliver.
//
// # Once
//
// What is due, and who has got it, is kept in a bucket of NATS, see [OpenLedger], so that it
// survives a restart and that several replicas share the work. Of a schedule it holds the last
// occurrence that is settled, and of an occurrence each recipient: claimed by a replica until a
// time, waiting to be tried again, done, or given up. A replica claims a recipient before it
// sends, by a write that fails if another one was faster. A claim is renewed while the
// replica lives. When it dies, another one, or itself once it is back, takes over after [Lease].
//
// What was missed is caught up: the latest occurrence of each schedule. Older ones are named in
// the log and left out. A new schedule starts with what is due from now on.
//
// If a replica dies after a mail server took a message and before that is written down, nobody can
// know whether it was taken. Then it is sent again with the same Message-ID: a mailbox that
// goes by it shows one message, others two.
//
// # When
//
// Times are of the wall clock of the schedule's zone. When the clock is put forward, what is due
// in the hour that is left out comes right after it; when it is put back, what is due in the hour
// that comes twice comes once, the first time.
package schedule
