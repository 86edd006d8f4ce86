// Package exporter reads the event stream and exposes exact Prometheus metrics.
//
// # The path of an event
//
//	stream NOTIFY_02 ── nats.Read ── event.Decode ── fold.State.Fold ── metrics.Table
//	                                                       │                 │
//	                                                  state.Store        Snapshot ── Exposition ── /metrics
//
// For example, a worker publishes that ses has delivered ntf_8f3c. The key
// usr_123456 hashes to partition 2, so the message is in stream NOTIFY_02, say at
// sequence 4711. The partition's goroutine receives it in a batch, decodes it
// without allocating, and finds the record of ntf_8f3c, which was sent 412 ms ago
// by email and not delivered before. So it adds 1 to the cells of
// notification_events_total{event="delivered"}, of
// notification_stage_total{stage="delivered"} and of its siblings, and 0.412 to
// the delivery latency. The next scrape copies all cells at once and writes them
// out while the partition continues to fold.
//
// # Where to find what
//
//   - Package event decodes and validates events; package catalog declares the
//     metrics and their labels.
//   - Package errorcode knows whose fault the providers' error codes are.
//   - Package fold defines what an event means for the metrics.
//   - Package state stores the records of notifications and users.
//   - Package metrics holds the values and exposes them.
//   - Package partition reads, checkpoints and restores one partition.
//   - Package exposure keeps counters from falling across restarts.
//   - Package scrape answers scrapes without a family that Prometheus could not take.
//   - This package loads the configuration, runs the partitions and serves HTTP.
//
// # What it promises
//
// One goroutine folds each partition, in the order of its stream. The partition
// shows its numbers, with the label partition, once it has caught up with the
// stream as it was at the start. An invalid event never stops the stream: it is
// counted by the reason and skipped.
package exporter
