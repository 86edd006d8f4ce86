// Package simulate is a notification platform that does not exist: it makes up
// the events that one would publish. Package truth counts what a correct exporter
// must show of them, see [Simulator.Count].
//
// # What it makes up
//
// Some ten thousand users in their own time zones get notifications on six
// channels, through several providers each. Traffic follows the hours of the day
// and the days of the week, and campaigns come in bursts. The lifecycle of a
// notification is planned when it is sent:
//
//	sent       09:00:00.000  email-worker, by ses
//	failed     09:00:01.310  ses, throttled
//	delivered  09:00:12.400  sendgrid, after the failover
//	opened     09:03:20.000  by a mail proxy, not by a person
//	opened     09:41:07.250  by the user
//	clicked    09:41:30.100
//	clicked    09:41:30.100  the same event again, four hours later
//
// The mails of a campaign share the ids of their notifications, up to five
// recipients each, some wait in greylists and some are clicked by scanners first.
//
// Events have the faults of real ones: they come late, twice and out of order, a
// sent event comes after its delivery or never, one provider reports whole seconds,
// another nothing but ids, a worker's clock is ahead, a phone's is wrong by hours,
// two producers disagree on a category. Events also hold what must never be shown:
// addresses in error texts, places, sessions, device tokens.
//
// Users differ: those who open much do so on all channels, and go on to do so.
//
// Incidents break the platform at a given time. The true effects of experiments are
// known: one arm is better, one as good, one is opened more and drives users away;
// see [Experiments].
//
// # What it promises
//
// The same Config gives the same bytes and the same facts, on every run and any
// number of CPUs: each lifecycle draws its random numbers from a point of its own,
// nothing reads a clock and nothing depends on the order of a map. (Another processor
// architecture may round a logarithm differently.) Memory is bounded by the
// notifications that still have events to come and by the number of users.
package simulate
