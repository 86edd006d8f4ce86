// Package fold turns events into numbers: state' = fold(state, event).
//
// [State.Fold] decodes a message. countNotification finds its record and decides
// what the event means; countEvent, countStages and observeDurations add to the
// numbers.
//
// # What a notification's life is
//
// A notification is one message to one user: providers give one id to several
// recipients, and each has a record of its own.
//
// A notification is sent, perhaps fails or bounces and is tried again, is
// delivered, opened, clicked, converted. Each of these is a stage, and a
// notification reaches a stage at most once, however many events say so. The
// sent event is its context: channel, category, priority, template, campaign,
// device and experiment of all later stages are those of sent, because later
// events often carry nothing but ids. Only the provider belongs to the attempt.
//
// For example, the events
//
//	sent      n1  channel=email provider=ses
//	failed    n1  provider=ses  errorCode=throttled
//	delivered n1  provider=postmark
//	opened    n1
//	opened    n1
//
// give five events; the stages sent and failed on ses, delivered, recovered,
// opened and engaged on postmark, each once; one error; one delivery latency and
// one time to open.
//
// Events arrive late, twice, out of order, or without their sent event. An event
// id counts once; of a notification with more than MaxEvents events the latest ids are
// remembered. An event before its sent is an orphan: it counts at once,
// under the labels that it carries and those that earlier ones carried, and the
// durations that it ends are observed when sent arrives. A user is in an experiment
// from the event on that makes both its id and the variant known, whichever event
// carried which. What came before stands under the variant unknown, in no user's
// arm. On how many of the 30 days before that day the user had engaged stays the
// user's covariate in the experiment. An event later than the attribution window
// counts as late and changes no stage.
//
// What a program does, such as a scanner of mails, reaches no stage that only
// people reach: its opens and clicks are stages of their own.
//
// # What it promises
//
// The fold is pure. It reads no clock, draws no random number and does not depend
// on the order of a map: time comes from the stream or from the event. Folding
// the same messages in the same order gives the same numbers to the last bit.
//
// The stream's time is that of its messages, see Clock. An event is measured against the
// time of its own message, so a message with a wrong time costs no other event. What a few
// messages say that those after them contradict is taken back and counted as
// catalog.EventsTimeDoubted.
//
// Package truth counts the same events a second time, in the plainest way; a
// random test compares the two.
package fold
