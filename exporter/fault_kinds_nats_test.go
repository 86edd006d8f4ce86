package exporter_test

import (
	"belfry/exporter/catalog"
	"belfry/rules"
)

// stuck fires for a partition that waits for a person.
var stuck = []rules.Alert{rules.PartitionHalted}

// fenced fires for a partition whose stream is not the one that was counted.
var fenced = []rules.Alert{rules.FenceBroken}

// down fires for an exporter that does not run.
var down = []rules.Alert{rules.ExporterDown}

var natsFaults = section{"NATS", []kind{
	{
		fault: "NATS does not run when the exporter starts", does: waits,
		then:   "it shows no numbers, and begins once NATS is there",
		metric: catalog.NATSConnected, log: []string{"NATS does not answer, retrying", "start the server"},
		alerts: []rules.Alert{rules.NATSDisconnected}, test: "TestFaultNoNATSAtStart",
	}, {
		fault: "NATS stops, or restarts", does: waits,
		then:   "the numbers stay, and it continues where it was once NATS is back",
		metric: catalog.NATSConnected, log: []string{"reading stopped, retrying", "connection lost"},
		alerts: []rules.Alert{rules.NATSDisconnected}, test: "TestFaultNATSRestarted",
	}, {
		fault: "NATS is frozen: connections stay open and nothing comes", does: waits,
		then: "the numbers stay; within half a minute it counts the connection as lost, " +
			"and it continues once NATS answers",
		metric: catalog.NATSConnected, log: []string{"reading stopped, retrying", "connection lost"},
		alerts: []rules.Alert{rules.NATSDisconnected}, test: "TestFaultNATSFrozen",
	}, {
		fault: "the NATS user lacks a permission", does: halts,
		then:   "the numbers stay, and it continues once the user has the permission",
		metric: catalog.PartitionReading, log: []string{"partition is halted", "give this user the permission"},
		alerts: stuck, test: "TestFaultPermissionIsMissing",
	}, {
		fault: "the NATS user lacks the permission to see how many partitions there are", does: waits,
		then:   "it shows no numbers, and begins once it knows",
		metric: catalog.PartitionReading,
		log:    []string{"the number of partitions is unknown", "give this user the permission"},
		alerts: []rules.Alert{rules.PartitionNotReading}, test: "TestFaultNumberOfPartitionsIsUnknown",
	}, {
		fault: "the NATS user loses a permission", does: halts,
		then:   "the numbers stay, and it continues once the user has the permission again",
		metric: catalog.PartitionReading, log: []string{"partition is halted", "give this user the permission"},
		alerts: stuck, test: "TestFaultPermissionTakenAway",
	}, {
		fault: "NATS refuses the password", does: exits,
		then: "waiting would not help", log: []string{"check that the server knows this user"}, alerts: down,
		test: "TestFaultLoginRefused",
	}, {
		fault: "the exporter wants TLS and NATS has none", does: exits,
		then: "waiting would not help", log: []string{"the server does not offer TLS", "set no TLS files"},
		alerts: down, test: "TestFaultLoginRefused",
	}, {
		fault: "NATS has no JetStream", does: waits,
		then:   "it shows no numbers, and begins once JetStream is enabled",
		metric: catalog.PartitionReading, log: []string{"reading stopped, retrying", "has no JetStream: enable it"},
		alerts: []rules.Alert{rules.PartitionNotReading}, test: "TestFaultNoJetStream",
	}, {
		fault: "the consumer of a stream is deleted", does: goesOn,
		then:   "it makes another one within seconds; nothing is lost or counted twice",
		metric: catalog.PartitionReading, value: 1, log: []string{"reading stopped, retrying", "consumer ended"},
		calm: "it continues by itself", test: "TestFaultConsumerDeleted",
	},
}}

var streamFaults = section{"Streams", []kind{
	{
		fault: "the streams were made for another number of partitions", does: halts,
		then:   "the numbers stay, since users would move away from their state",
		metric: catalog.PartitionHalted, value: 1,
		log:    []string{"partition is halted", "it was created for 4 partitions, not 1", "set partitions: 4"},
		alerts: stuck, test: "TestFaultStreamsThatCannotBeHad",
	}, {
		fault: "the server cannot reserve stream.max_bytes", does: halts,
		then:   "the numbers stay; streams that exist are left as they are",
		metric: catalog.PartitionHalted, value: 1,
		log:    []string{"partition is halted", "lower stream.max_bytes in the exporter's configuration"},
		alerts: stuck, test: "TestFaultStreamsThatCannotBeHad",
	}, {
		fault: "the NATS account has no storage left for a stream", does: halts,
		then:   "the numbers stay, and it continues once the account has room",
		metric: catalog.PartitionHalted, value: 1,
		log:    []string{"partition is halted", "lower stream.max_bytes in the exporter's configuration"},
		alerts: stuck, test: "TestFaultAccountIsFull",
	}, {
		fault: "a stream is sealed", does: halts,
		then:   "the numbers stay; a sealed stream takes no event",
		metric: catalog.PartitionHalted, value: 1,
		log:    []string{"partition is halted", "sealed"},
		alerts: stuck, test: "TestFaultStreamSealed",
	}, {
		fault: "stream.max_bytes is below what a stream holds", does: halts,
		then:   "the numbers stay, and no event is deleted",
		metric: catalog.PartitionHalted, value: 1,
		log:    []string{"partition is halted", "but the stream holds", "--allow-stream-shrink"},
		alerts: stuck, test: "TestFaultStreamsThatCannotBeHad",
	}, {
		fault: "a stream of Belfry's has subjects of somebody else", does: halts,
		then:   "the numbers stay, and the subjects are not taken away",
		metric: catalog.PartitionHalted, value: 1,
		log:    []string{"partition is halted", "it also has subject"},
		alerts: stuck, test: "TestFaultStreamsThatCannotBeHad",
	}, {
		fault: "a stream is deleted", does: halts,
		then:   "it makes an empty one, so that producers can publish; the numbers stay",
		metric: catalog.FenceOK,
		log:    []string{"partition is halted", "was created", "start with --on-fence-mismatch=new-epoch"},
		alerts: fenced, test: "TestFaultStreamDeleted",
	}, {
		fault: "a stream is deleted and made again while the exporter reads it", does: halts,
		then:   "the numbers stay; --on-fence-mismatch=new-epoch counts the new stream from 0",
		metric: catalog.FenceOK,
		log:    []string{"partition is halted", "was created", "start with --on-fence-mismatch=new-epoch"},
		alerts: fenced, test: "TestFaultStreamMadeAgain",
	}, {
		fault: "a stream is deleted and made again while the exporter is down", does: halts,
		then:   "the numbers stay; --on-fence-mismatch=new-epoch counts the new stream from 0",
		metric: catalog.FenceOK,
		log:    []string{"partition is halted", "was created", "start with --on-fence-mismatch=new-epoch"},
		alerts: fenced, test: "TestFaultStreamMadeAgain",
	}, {
		fault: "a new epoch begins, with events in the new stream", does: goesOn,
		then:   "all series show 0 first, so that nothing looks like a burst",
		metric: catalog.StreamProcessedSequence, value: 25,
		log:  []string{"all counters of the partition start over at 0", "was created"},
		calm: "a person has asked for it", test: "TestFaultNewEpochBeginsAtZero",
	}, {
		fault: "a stream is made again, with --on-fence-mismatch=new-epoch", does: goesOn,
		then:   "it counts the new stream from 0, without a restart",
		metric: catalog.FenceOK, value: 1,
		log:  []string{"all counters of the partition start over at 0", "was created"},
		calm: "a person has asked for it", test: "TestFaultNewEpochWhileRunning",
	}, {
		fault: "the server's store is rolled back to an older copy", does: halts,
		then:   "the numbers stay; a new epoch counts only what was not counted before",
		metric: catalog.FenceOK,
		log:    []string{"partition is halted", "the stream ends at sequence 5, but was known up to sequence 10"},
		alerts: fenced, test: "TestFaultStoreRolledBack",
	}, {
		fault: "a rolled-back stream has grown beyond where it was", does: halts,
		then:   "the numbers stay: one message differs from the one that was counted",
		metric: catalog.FenceOK,
		log:    []string{"partition is halted", "the message at sequence 10", "is not the one that was folded"},
		alerts: fenced, test: "TestFaultStoreRolledBack",
	}, {
		fault: "after a crash, the stream is shorter than what was shown", does: halts,
		then:   "it shows no numbers, since they would be lower",
		metric: catalog.FenceOK,
		log:    []string{"partition is halted", "the stream ends at sequence 5, but was known up to sequence 10"},
		alerts: fenced, test: "TestFaultShorterThanTheMark",
	}, {
		fault: "after a crash, the stream has other messages than those shown", does: halts,
		then:   "it shows no numbers; a new epoch counts what the checkpoint does not have",
		metric: catalog.FenceOK,
		log:    []string{"partition is halted", "the message at sequence 10", "is not the one that was folded"},
		alerts: fenced, test: "TestFaultDifferentAtTheMark",
	},
}}

var lostFaults = section{"Events that are gone", []kind{
	{
		fault: "events expire or are purged before they are counted", does: goesOn,
		then:   "it counts them as lost, and continues with the rest",
		metric: catalog.StreamLostEvents, log: []string{"events are lost", "raise its max_age or max_bytes"},
		alerts: []rules.Alert{rules.EventsLost}, test: "TestFaultPurgedPastTheCheckpoint",
	}, {
		fault: "a stream overflows while the exporter is down", does: goesOn,
		then:   "it counts the oldest events as lost, and continues with the rest",
		metric: catalog.StreamLostEvents, log: []string{"events are lost", "raise its max_age or max_bytes"},
		alerts: []rules.Alert{rules.EventsLost}, test: "TestFaultStreamOverflows",
	}, {
		fault: "events are gone before they are counted, with --on-lost-events=halt", does: halts,
		then:   "the numbers stay until it is started with --on-lost-events=count",
		metric: catalog.PartitionHalted, value: 1,
		log:    []string{"partition is halted", "2 events are lost", "start with --on-lost-events=count"},
		alerts: stuck, test: "TestFaultPurgedPastTheCheckpointHalts",
	}, {
		fault: "after a crash, events are gone that were shown", does: goesOn,
		then:   "the counters start over at 0, which rate and increase understand",
		metric: catalog.StreamLostEvents, log: []string{"all counters of the partition start over at 0"},
		alerts: []rules.Alert{rules.EventsLost}, test: "TestFaultPurgedPastWhatWasShown",
	}, {
		fault: "after a crash, events are gone that a checkpoint has", does: goesOn,
		then:   "the numbers go on from the checkpoint",
		metric: catalog.StreamProcessedSequence, value: 10, log: []string{"numbers are on /metrics"},
		calm: "nothing is missing", test: "TestFaultPurgedAfterTheFirstNumbers",
	}, {
		fault: "a stream has hundreds of gaps", does: goesOn,
		then:   "it counts each lost event, and logs one line",
		metric: catalog.StreamLostEvents, log: []string{"events are lost", "lost=200 after=1 gaps=200"},
		alerts: []rules.Alert{rules.EventsLost}, test: "TestFaultManyGaps",
	}, {
		fault: "one message is deleted before it is counted", does: goesOn,
		then:   "it counts one lost event",
		metric: catalog.StreamLostEvents, log: []string{"events are lost", "lost=1"},
		alerts: []rules.Alert{rules.EventsLost}, test: "TestFaultMessageDeleted",
	}, {
		fault: "after a crash, one message is gone that was shown", does: goesOn,
		then:   "the counters start over at 0, and it counts one lost event",
		metric: catalog.StreamLostEvents, log: []string{"all counters of the partition start over at 0"},
		alerts: []rules.Alert{rules.EventsLost}, test: "TestFaultShownMessageDeleted",
	}, {
		fault: "the newest message of a stream is deleted before it is first read", does: goesOn,
		then:   "the numbers do not wait for it",
		metric: catalog.PartitionExposed, value: 1, log: []string{"numbers are on /metrics"},
		calm: "nothing that was counted is missing", test: "TestFaultNewestMessageDeletedAtFirstSight",
	},
}}
