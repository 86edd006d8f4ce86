// Package nats brings events into NATS JetStream and reads them back, once and in order.
//
// # The path of an event
//
// A producer calls [Publisher.Publish] with an event of the type notification.delivered for the user usr_123456:
//
//	partition   1, from Partition("usr_123456", 4): FNV-1a-32 modulo the number of partitions, here 4
//	subject     notify.1.delivered: the type without its prefix
//	header      Nats-Msg-Id: <eventId>, by which the stream stores an event once
//	stream      NOTIFY_01, say at the sequence 4711: a file on the NATS server, kept for a day
//	reader      Read(ctx, nc, ReadOptions{Stream: "NOTIFY_01", From: 4711}, handle)
//
// A producer in any other language needs only a NATS client: it publishes the same bytes to the same subject. It may leave the choice
// of the partition to the server, whose mapping function partition() is the same as [Partition]:
//
//	mappings { "events.*.*": "notify.{{partition(4,1)}}.{{wildcard(2)}}" }
//
// takes events.usr_123456.delivered to notify.1.delivered, for user ids that are a single subject token.
//
// # Why one stream for each partition
//
// One stream with a filter for each partition would hold the same events. But then every reader sees gaps in the sequence
// where the others' events lie, and cannot tell them from loss. With a stream of its own a gap means that events
// are gone: expired, purged or deleted. A stream has one leader in a NATS cluster, so several of them spread the work. And since
// the partition follows from the user, all events of a user lie in one stream, in order, and unique users of the partitions add up.
// For the same reason the number of partitions is chosen once: each stream records it, [EnsureStreams] refuses another
// one, and who does not name it gets that of the streams. A new installation has one partition by default.
//
// # Why the reader gives up so easily
//
// A durable consumer would remember the position at the server. That is a second truth beside what the reader has folded,
// and the two part in a crash. So the position is the reader's alone: it names the sequence it wants, and gets
// messages without acknowledgements, which is also what costs least. [Read] checks that deliveries are numbered without a gap.
// Anything in doubt ends it: a lost connection, a consumer that vanished, a heartbeat that did not come. Its caller compares the last message
// it knows with the stream, by [Info] and [Get], and calls Read again with the next sequence. Doing so is cheap; counting wrong is not.
//
// JetStream does not help with that comparison. It accepts a start beyond the end of a stream, and after a purge it starts later than it
// was asked to, both in silence. Read looks at the stream before and after it makes its consumer: the first is a [StartError],
// the second is passed on to ReadOptions.Opened. A server restored from an older copy shows in neither; only the message at
// the last sequence, with its time and its body, tells. That comparison is the caller's.
//
// # Small installations
//
// [StartServer] runs a NATS server inside the process, with its streams in a directory that one process at a time may have.
package nats
