// Package truth says what events mean: it is the reference that the exporter
// is tested against.
//
// The exporter's fold must be fast and small, so it keeps a few bits of each
// notification and updates them as events arrive. This package reads the same
// contract a second time and aims to be obviously right instead. It keeps what
// every event of a notification said, in a list, and searches the list each
// time: a notification has recovered if the list holds a delivery that is not
// older than a failure, whichever came first. Labels are strings, and all
// figures sit in one map per family.
//
// For independence it shares nothing with the fold but the catalogue and the
// event decoder, which has tests of its own.
//
// # Who uses it
//
// The simulator adds the facts of each event that it makes up with
// [Truth.Add], before they become JSON. The result is the file of `belfry
// simulate --truth`, which `belfry verify` compares with a running exporter,
// and what the crash test and the demo compare with. The random test of the
// fold passes messages as they are, broken ones included, to [Truth.Read].
//
// # What it promises
//
// The same events give the same figures and the same file, byte for byte.
// Memory is bounded by the notifications that still have events to come, which
// [Truth.Done] takes out, or that are younger than the exporter's own memory,
// and by the number of users.
//
// It does not know the limits on label sets of a family, which values of labels make
// room for others, when series are born at 0, and native histogram buckets.
package truth
