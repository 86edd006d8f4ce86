// Package exposure keeps the counters that scrapers see from falling.
//
// # What must never happen
//
// Prometheus takes a counter that falls for one that was reset to 0, and adds
// its whole value to every rate and increase. A counter that is first seen at 7
// loses these 7: nobody saw it grow. So a number that was shown must never be
// shown smaller, and a new series must be seen at 0 first. Both must hold
// across a crash, after which the fold starts again from an older checkpoint.
//
// # How it is kept
//
// A [Ledger] keeps two files in the partition's directory, each written before
// the numbers it vouches for are shown:
//
//	mark           how far the numbers that were shown went: the place in the stream of the last scrape
//	released.json  how many series of each family were shown with their values, in the order of their creation
//
// A [Gate] keeps the numbers off /metrics until the fold has reached the mark
// again. A [Hold] shows each new series at 0 for a while, and then its value.
//
// Say the checkpoint stands at sequence 4000, the last scrape showed the numbers
// of sequence 4711, and the process is killed. The next one folds 4001 to 4711
// from the stream while the gate is shut, and then shows what the last scrape
// showed, or more.
//
// # When it cannot be kept
//
// The stream may have dropped messages between the checkpoint and the mark, or
// the configuration may have changed, so that folding them again gives other
// numbers. Then all counters of the partition start over at 0 with new creation
// times, and every series is held at 0 first. rate and increase take that for
// the reset that it is.
package exposure
