// Package exposure keeps the counters that scrapers see from falling.
//
// # What must never happen
//
// When a counter falls, Prometheus assumes a reset to 0 and adds the whole new
// value to every rate and increase. When a counter is first scraped at 7, those
// 7 are lost, because no rate sees it grow. So a counter must never be shown at a
// lower value than before, and a new series must be shown at 0 first. Both must
// hold across a crash, when the fold continues from an older checkpoint.
//
// # How it is prevented
//
// A [Ledger] keeps two files in the partition's directory. Each is written before
// the numbers that depend on it are shown:
//
//	mark           the high-water mark: the place in the stream that the last scrape showed
//	released.json  the number of series of each family, oldest first, that show their values
//
// A [Gate] keeps the numbers off /metrics until the fold has reached the mark
// again. A [Hold] shows each new series at 0 for a while before its value.
//
// For example, the latest checkpoint is of sequence 4000 and the last scrape
// showed the numbers at sequence 4711 when the process is killed. The next
// process folds the messages 4001 to 4711 again while the gate is shut. Then it
// shows what the last scrape showed, or more.
//
// Before the first numbers of a stream are shown, a checkpoint of them is written: a
// stream that is purged right afterwards takes nothing from what was shown.
//
// Package partition makes it happen: Partition.Part commits to the ledger before a
// scrape is answered, restoreNumbers sets the gate's target after a restart, and
// tryShow opens the gate.
//
// # When it cannot be prevented
//
// Folding the messages between the checkpoint and the mark again gives other
// numbers if the stream has dropped some of them or if the configuration has
// changed. Then all counters of the partition start over at 0, with new created
// timestamps, and every series is held at 0 first. That is a counter reset, and
// rate and increase treat it as one.
package exposure
