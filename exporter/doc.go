// Package exporter is the data plane: it reads the event stream and shows
// exact Prometheus metrics.
//
// # The path of an event
//
//	stream NOTIFY_02 ── nats.Read ── event.Decode ── fold.State.Fold ── metrics.Table
//	                                                       │                 │
//	                                                  state.Memory       Snapshot ── Exposition ── /metrics
//
// Say a worker publishes "ntf_8f3c was delivered by ses". The key usr_123456
// hashes to partition 2, so the message lies in stream NOTIFY_02 with, say,
// sequence 4711. The partition's goroutine gets it in a batch, decodes it
// without allocating, finds the record of ntf_8f3c, sees that its sent came
// 412 ms ago on email and that it was never delivered before, and adds 1 to the
// cells of notification_events_total{event="delivered"} and of
// notification_stage_total{stage="delivered"} and its siblings, and 0.412 to
// the delivery latency. The next scrape copies all cells at once and writes
// them out while the partition folds on.
//
// # What it promises
//
// Every partition is folded by one goroutine, in the order of its stream, and
// shows its numbers under the label partition once it has caught up with the
// stream as it found it. Nothing that is wrong with an event stops the stream:
// it is counted under the reason and left out.
package exporter
