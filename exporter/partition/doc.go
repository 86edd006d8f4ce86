// Package partition reads, folds and shows one partition of the event stream.
//
// # Who does what
//
//	stream ── reader ── numbers ── Part ── /metrics
//	            │          │         │
//	       deadLetters  checkpointer  exposure.Ledger
//
// The reader checks the fence, which compares the stream with what was folded
// before, and passes the messages on in order. If the stream is a different one,
// it halts the partition or begins a new epoch, as the options say. The numbers
// hold the fold and the place in the stream that it has reached. The
// checkpointer writes both to disk, where a restart continues. Dead letters
// record why events were rejected. Package exposure decides what may be shown,
// so that no counter falls.
//
// # What it promises
//
// The numbers cover all messages up to one place in the stream, each folded once
// and in order. A crash loses nothing: the next process folds the messages since
// the latest checkpoint again before it shows anything. Messages that left the
// stream before they were folded are counted as lost.
//
// # Locks
//
// The types checkpointer, numbers and exposure.Ledger have one mutex each. Take
// them in this order. The fold and scrapes wait for that of numbers, so nothing
// is written to disk while it is held, except when the numbers start over. Status
// must not wait for the disk: what it needs of the other types is in atomics.
package partition
