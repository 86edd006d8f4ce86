// Package experiment says what an experiment shows: which arm wins, how certain that
// is, and whether the experiment can be trusted at all. [Judge] computes it from the
// sums over each arm's users, without reading anything else, so the service, the
// offline command and the simulations share one answer.
//
// The unit is the user. One metric is primary and decides, the others inform.
// Decisions use a confidence sequence, which stays valid however often somebody
// looks; fixed-horizon figures stand beside it for display. The data never yields a
// NaN or an infinity: a figure that cannot be known is null, with its reason, and
// data that cannot be trusted never yields a decision.
//
// [Plan] is what was declared before the experiment started. [Read] gathers a
// plan's [Trial] from Prometheus.
package experiment
