// Package nats publishes events to NATS JetStream and reads them back, once and in order.
//
// # The path of an event
//
// A producer calls [Publisher.Publish] with an event of type notification.delivered for user usr_123456:
//
//	partition   1, from Partition("usr_123456", 4): FNV-1a-32 modulo the number of partitions, here 4
//	subject     notify.1.delivered: the type without its prefix
//	header      Nats-Msg-Id: <eventId>, by which the stream stores an event once
//	stream      NOTIFY_01, say at sequence 4711: a file on the NATS server, kept for a day
//	reader      Read(ctx, nc, ReadOptions{Stream: "NOTIFY_01", From: 4711}, handle)
//
// A producer in another language only needs a NATS client: it publishes the same bytes to the same subject. It can
// leave the choice of the partition to the server, whose mapping function partition() is the same as [Partition]:
//
//	mappings { "events.*.*": "notify.{{partition(4,1)}}.{{wildcard(2)}}" }
//
// maps events.usr_123456.delivered to notify.1.delivered. The user id must be a single subject token.
//
// # Why each partition has its own stream
//
// One stream with a filter per partition would hold the same events. But each reader would then see gaps in the
// sequence where other partitions' events lie, and could not tell them from loss. In a stream of its own, a gap means
// that events are gone: expired, purged or deleted. A stream has one leader in a NATS cluster, so several streams
// spread the load. And because the user determines the partition, all events of a user are in one stream, in order,
// and the unique users of the partitions add up.
//
// For the same reason the number of partitions is fixed when an installation is created. Each stream records it,
// [EnsureStreams] refuses a different one, and callers that set none get the recorded one. The default for a new
// installation is one partition.
//
// # What happens to a stream that exists
//
// [EnsureStreams] and [EnsureAlertStream] log each setting that they change, from what to what, and change nothing if
// they must refuse one stream:
//
//	age, bytes         as the options say; lower than what the stream holds only with StreamOptions.AllowShrink. What
//	                   the options leave out stays. Those of dead letters and alerts are the operator's once they exist.
//	messages           the limits on their number, in all and of a subject, are removed
//	message size       raised to MaxMessageBytes, never lowered: producers may rely on it
//	duplicate window   raised to DuplicateWindow, or lowered to the age if that is shorter; else never lowered
//	replicas           as the options say; what they leave out stays
//	discard policy     old: a full stream would reject new events to keep folded ones
//	subjects           those of the partition; others are removed only with StreamOptions.AllowShrink
//	storage, retention, mirror, sealed, number of partitions   refused
//	all others         the operator's
//
// New streams whose size is not set share what the server offers: at most the default, and a quarter of the offer is
// left. Those that exist but have never had a message share it with them.
//
// # Why the reader gives up easily
//
// A durable consumer would keep the position on the server. That would be a second source of truth beside what the
// reader has folded, and a crash would separate the two. So only the reader knows the position: it asks for the
// sequence it wants and receives messages without acknowledgements, which is also the cheapest way. [Read] checks that
// deliveries are numbered without a gap. Any doubt ends it: a lost connection, a consumer that vanished, a missing
// heartbeat. Its caller then compares the last message it knows with the stream, using [Info] and [Get], and calls
// Read again with the next sequence. Doing so is cheap; counting wrong is not.
//
// JetStream does not help with that comparison. It silently accepts a start beyond the end of a stream, and after a
// purge it silently starts later than asked. Read checks the stream before and after it creates its consumer: the
// first case is a [StartError], the second is passed to ReadOptions.Opened. Neither shows a server that was restored
// from an older copy. Only the message at the last sequence does, by its time and body, and that comparison is the
// caller's.
//
// # Small installations
//
// [StartServer] runs a NATS server inside the process. It keeps its streams in a directory that only one process at a
// time can use.
package nats
