package exporter_test

import (
	"belfry/exporter/catalog"
	"belfry/rules"
)

// aFew says why a few rejected events make no alert.
const aFew = "EventsInvalid waits for 20 in 15 minutes and more than 1 %"

var inputFaults = section{"Producers", []kind{
	{
		fault: "a message is not JSON", does: goesOn,
		then:   "it rejects and keeps it as a dead letter, and counts the next one",
		metric: catalog.EventsRejected, labels: []string{"reason", "malformed_json"},
		log:  []string{"event rejected", "sequence=1 reason=malformed_json"},
		calm: aFew, test: "TestFaultPoisonMessage",
	}, {
		fault: "messages are empty, cut off, nested 10,000 deep or 200 kB long", does: goesOn,
		then:   "it rejects each, and counts the valid one behind them",
		metric: catalog.EventsRejected, log: []string{"event rejected"},
		calm: aFew, test: "TestHostileMessagesAreCountedAndStopNothing",
	}, {
		fault: "the clock of the NATS server jumps a day ahead and back", does: goesOn,
		then:   "every event counts once, and none is late, early or an orphan",
		metric: catalog.StreamProcessedSequence, value: 24,
		calm: "nothing is wrong with the numbers", test: "TestFaultClockJumps",
	}, {
		fault: "an event is dated two days ahead", does: goesOn,
		then:   "it rejects it; up to five minutes are allowed",
		metric: catalog.EventsRejected, labels: []string{"reason", "bad_timestamp"},
		log:  []string{"event rejected", "reason=bad_timestamp", "field=timestamp"},
		calm: aFew, test: "TestFaultFutureDatedEvent",
	}, {
		fault: "an event comes again 29 hours later, after a restart", does: goesOn,
		then:   "it counts it as a duplicate and nowhere else",
		metric: catalog.EventsDuplicate,
		calm:   "duplicates are harmless", test: "TestFaultDuplicate29HoursLater",
	}, {
		fault: "one message says that it is a month later", does: goesOn,
		then:   "every event counts, and nothing expires early",
		metric: catalog.EventsTimeDoubted, log: []string{"the stream's time is in doubt"},
		calm: "nothing is wrong with the numbers", test: "TestFaultStreamTimeAMonthAhead",
	}, {
		fault: "a producer puts an event into another partition than its user's", does: goesOn,
		then:   "it counts it there; figures per user may be off, and the landing page says so",
		metric: catalog.EventsMisrouted, log: []string{"an event lies in another partition than its key's"},
		calm: "totals are right", test: "TestFaultProducersWithWrongIDs",
	}, {
		fault: "a producer sends undefined as id of all notifications", does: goesOn,
		then:   "it counts them as one notification, and the landing page names the producer",
		metric: catalog.PlaceholderIDs, log: []string{"an id is a placeholder", "id=undefined"},
		calm: "the landing page and the dashboard show it", test: "TestFaultProducersWithWrongIDs",
	}, {
		fault: "a notification has more than 256 events", does: goesOn,
		then:   "it forgets the oldest event ids, so that a copy of them would count again",
		metric: catalog.EventIDsForgotten, log: []string{"a notification has too many events"},
		calm: "the landing page and the dashboard show it", test: "TestFaultProducersWithWrongIDs",
	}, {
		fault: "a producer writes a user's id as the name of a field", does: goesOn,
		then:   "the dead letter shows a hash of the name",
		metric: catalog.EventsRejected, log: []string{"event rejected"},
		calm: aFew, test: "TestADeadLetterShowsNoNameThatTheSchemaDoesNotKnow",
	}, {
		fault: "a producer sends nothing but invalid events", does: goesOn,
		then:   "it counts all, keeps about 100 dead letters, and logs one line",
		metric: catalog.EventsRejected, labels: []string{"reason", "missing_field"}, log: []string{"event rejected"},
		alerts: []rules.Alert{rules.EventsInvalid, rules.DeadLettersFailed}, test: "TestAFloodIsCountedButNotWritten",
	}, {
		fault: "a message is empty", does: goesOn,
		then:   "it rejects the message, and says what to send instead",
		metric: catalog.EventsRejected, labels: []string{"reason", "malformed_json"},
		log: []string{"event rejected", "reason=malformed_json"}, calm: aFew,
		test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "a message is compressed", does: goesOn,
		then:   "it rejects the message, and says what to send instead",
		metric: catalog.EventsRejected, labels: []string{"reason", "malformed_json"},
		log: []string{"event rejected", "reason=malformed_json"}, calm: aFew,
		test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "a message is longer than 64 kB", does: goesOn,
		then:   "it rejects the message, and says what to send instead",
		metric: catalog.EventsRejected, labels: []string{"reason", "too_large"},
		log: []string{"event rejected", "reason=too_large"}, calm: aFew,
		test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "an event has a type that does not exist", does: goesOn,
		then:   "it rejects the message, and says what to send instead",
		metric: catalog.EventsRejected, labels: []string{"reason", "unknown_type"},
		log: []string{"event rejected", "reason=unknown_type"}, calm: aFew,
		test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "an event lacks a field", does: goesOn,
		then:   "it rejects the message, and says what to send instead",
		metric: catalog.EventsRejected, labels: []string{"reason", "missing_field"},
		log: []string{"event rejected", "reason=missing_field"}, calm: aFew,
		test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "a field has a value that the schema does not have", does: goesOn,
		then:   "it rejects the message, and says what to send instead",
		metric: catalog.EventsRejected, labels: []string{"reason", "bad_value"},
		log: []string{"event rejected", "reason=bad_value"}, calm: aFew,
		test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "a number is beyond its range", does: goesOn,
		then:   "it rejects the message, and says what to send instead",
		metric: catalog.EventsRejected, labels: []string{"reason", "bad_number"},
		log: []string{"event rejected", "reason=bad_number"}, calm: aFew,
		test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "an id is longer than any id", does: goesOn,
		then:   "it rejects the message, and says what to send instead",
		metric: catalog.EventsRejected, labels: []string{"reason", "bad_id"},
		log: []string{"event rejected", "reason=bad_id"}, calm: aFew,
		test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "an event has fields that the schema does not have", does: goesOn,
		then:   "it counts the event, and how many such fields there are",
		metric: catalog.UnknownFields,
		calm:   "the event counts", test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "a value is right but in another form", does: goesOn,
		then:   "it counts the event, and that it was repaired",
		metric: catalog.EventsRepaired,
		calm:   "the event counts", test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "the events of a notification come without its sent event", does: goesOn,
		then:   "it counts them under the labels that they carry",
		metric: catalog.EventsOrphan,
		calm:   "totals are right", test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "an event contradicts the sent event of its notification", does: goesOn,
		then:   "the labels of the sent event hold",
		metric: catalog.ContextConflicts,
		calm:   "totals are right", test: "TestFaultProducersThatBreakTheSchema",
	}, {
		fault: "a producer writes a new value into a label for each event", does: goesOn,
		then:   "new values become other, and totals stay right",
		metric: catalog.LabelOverflow, labels: []string{"label", "template"},
		alerts: []rules.Alert{rules.SeriesLimited}, test: "TestFaultLabelWithoutEnd",
	}, {
		fault: "the stream of dead letters is gone", does: goesOn,
		then:   "it counts what it rejects, and what it could not keep",
		metric: catalog.DeadLettersFailed, log: []string{"a dead letter could not be written"},
		alerts: []rules.Alert{rules.DeadLettersFailed}, test: "TestLettersThatCannotBeWrittenAreCounted",
	},
}}
