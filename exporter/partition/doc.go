// Package partition reads, folds and shows one partition of the event stream.
//
// # Who does what
//
//	stream ── reader ── numbers ── Part ── /metrics
//	            │          │         │
//	       deadLetters  checkpointer  exposure.Ledger
//
// The reader compares the stream with what was folded before, the fence, and
// hands its messages to numbers in order. When the stream is another one it
// halts the partition or begins a new epoch, as the options say. Numbers hold
// the fold and the place in the stream that it has reached. The checkpointer
// makes both durable, so that a restart goes on from there. Dead letters keep
// what is wrong with each rejected event. Package exposure says what may be
// shown, so that no counter falls.
//
// # What it promises
//
// The numbers are those of all messages up to one place in the stream, each
// folded once and in order. A crash loses nothing: the next process folds the
// messages since the latest checkpoint again before it shows anything. Messages
// that left the stream before they were folded are counted as lost.
//
// # Locks
//
// Each of checkpointer, numbers and exposure.Ledger has one mutex for all of its
// fields. They are taken in this order. The lock of numbers, for which the fold
// and scrapes wait, is not held while anything is written to the disk, except
// when the numbers start over. The atomics are for those who must not wait: they
// are written by one type and read by Status.
package partition
