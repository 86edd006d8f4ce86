package exporter_test

import (
	"strings"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/nats"
)

// Stream purged past the checkpoint: the missing messages are counted as lost,
// exactly and once, and the fold continues with the rest.
func TestFaultPurgedPastTheCheckpoint(t *testing.T) {
	in := install(t, 1)
	in.send(1, 10)
	r := in.run(counting())
	r.awaitSent(10)
	r.healthy()
	r.stop()
	in.send(11, 15)
	in.purgeBelow(13)

	r = in.run(counting())
	r.awaitSent(13)
	r.shows(2, catalog.StreamLostEvents)
	r.proves("events expire or are purged before they are counted")
	if ready, _ := r.Ready(); !ready {
		t.Error("not ready")
	}
	if _, landing := r.get("/", ""); !strings.Contains(landing, "2 events were lost") {
		t.Errorf("the landing page does not mention the loss:\n%s", landing)
	}
	r.stop()

	// Another start, and a purge of messages that are folded already, lose
	// nothing more.
	in.purgeBelow(16)
	r = in.run(counting())
	defer r.stop()
	in.send(16, 17)
	r.awaitSent(15)
	r.shows(2, catalog.StreamLostEvents)
}

// The same with --on-lost-events=halt: the partition halts with its numbers
// unchanged, and halts again at each start until an operator decides.
func TestFaultPurgedPastTheCheckpointHalts(t *testing.T) {
	in := install(t, 1)
	in.send(1, 10)
	r := in.run(counting())
	r.awaitSent(10)
	r.healthy()
	r.stop()
	in.send(11, 15)
	in.purgeBelow(13)

	for range 2 {
		r = in.run(exporter.Options{OnLostEvents: partition.Halt})
		r.awaitHalt("2 events are lost", "start with --on-lost-events=count")
		r.awaitWaiting(3)
		r.proves("events are gone before they are counted, with --on-lost-events=halt")
		r.shows(10, catalog.Stages, "stage", "sent")
		r.stop()
	}
	r = in.run(counting())
	defer r.stop()
	r.awaitSent(13)
	r.shows(2, catalog.StreamLostEvents)
}

// Stream purged past the high-water mark, after a crash: the numbers that were
// shown cannot be folded again. The loss is counted and the counters start
// over at 0, a reset that rate and increase understand.
func TestFaultPurgedPastWhatWasShown(t *testing.T) {
	in := install(t, 1)
	r := in.showsTen()
	in.crash(r)
	in.purgeBelow(8)

	r = in.run(counting())
	defer r.stop()
	r.awaitReady()
	r.shows(0, catalog.Stages, "stage", "sent")
	r.shows(6, catalog.StreamLostEvents)
	r.said("events are lost", "lost=6")
	r.said("all counters of the partition start over at 0", "what was shown cannot be folded again")
	r.proves("after a crash, events are gone that were shown")
	in.send(9, 12) // 9 and 10 were counted before
	r.awaitSent(2)
	r.shows(2, catalog.EventsDuplicate)
}

// showsTen returns an exporter that shows 10 events, and whose first and only checkpoint
// has one of them.
func (in *installation) showsTen() *running {
	in.t.Helper()
	in.send(1, 1)
	r := in.run(counting())
	r.awaitSent(1)
	in.send(2, 10)
	r.awaitSent(10)
	r.healthy()
	return r
}

// Stream purged after its first numbers were shown, and a crash: they go on, because they
// were in a checkpoint before they were shown.
func TestFaultPurgedAfterTheFirstNumbers(t *testing.T) {
	in := install(t, 1)
	in.send(1, 10)
	r := in.run(counting())
	r.awaitSent(10)
	r.healthy()
	in.crash(r)
	in.purgeBelow(11)
	r = in.run(counting())
	defer r.stop()
	r.awaitReady()
	r.shows(10, catalog.Stages, "stage", "sent")
	r.shows(0, catalog.StreamLostEvents)
	r.proves("after a crash, events are gone that a checkpoint has")
	if r.log.has("start over at 0") {
		t.Errorf("the counters start over:\n%s", r.log)
	}
}

// A stream with many gaps makes one line in the log, however many there are.
func TestFaultManyGaps(t *testing.T) {
	in := install(t, 1)
	r := in.run(counting())
	r.awaitReady()
	r.healthy()
	r.stop()
	in.state = t.TempDir() // it shows nothing before it has read all
	in.sendMany(1, 401)
	for i := uint64(2); i < 401; i += 2 {
		in.deleteMessage(i)
	}
	r = in.run(counting())
	defer r.stop()
	r.awaitSent(201)
	r.shows(200, catalog.StreamLostEvents)
	r.proves("a stream has hundreds of gaps")
	if n := strings.Count(r.log.String(), "events are lost"); n != 1 {
		t.Errorf("%d lines about lost events, want 1", n)
	}
}

// Stream deleted and created again, while the exporter runs or not: the
// partition halts and says why. A new epoch counts the new stream from 0 and
// recognizes the events that were counted before.
func TestFaultStreamMadeAgain(t *testing.T) {
	for name, test := range map[string]struct {
		running bool
		when    string
	}{
		"while running": {true, "reads it"}, "while down": {false, "is down"},
	} {
		t.Run(name, func(t *testing.T) {
			in := install(t, 1)
			in.send(1, 10)
			r := in.run(exporter.Options{})
			r.awaitSent(10)
			r.healthy()
			if !test.running {
				r.stop()
			}
			in.makeStreamAgain()
			in.send(10, 13)
			if !test.running {
				r = in.run(exporter.Options{})
			}
			r.awaitHalt("the stream that was folded was created", "start with --on-fence-mismatch=new-epoch")
			r.shows(0, catalog.FenceOK)
			r.shows(10, catalog.Stages, "stage", "sent")
			r.awaitWaiting(4)
			r.shows(4, catalog.StreamLastSequence)
			r.proves("a stream is deleted and made again while the exporter " + test.when)
			r.stop()

			r = in.run(exporter.Options{OnFenceMismatch: partition.NewEpoch})
			r.awaitSent(3)
			r.shows(1, catalog.FenceOK)
			r.shows(1, catalog.EventsDuplicate)
			r.shows(3, catalog.Stages, "stage", "sent", "channel", "email", "category", "c", "priority", "low",
				"provider", "ses")
			r.said("all counters of the partition start over at 0", "because", "was created")
			r.stop()
			r = in.run(exporter.Options{})
			defer r.stop()
			r.awaitReady()
			r.shows(3, catalog.Stages, "stage", "sent")
		})
	}
}

// A new epoch shows all its series at 0 first, however many events the new
// stream has. Otherwise a counter that went from 10 to 25 would seem to have
// grown by 15.
func TestFaultNewEpochBeginsAtZero(t *testing.T) {
	in := install(t, 1)
	in.send(1, 10)
	r := in.run(exporter.Options{Hold: time.Hour})
	r.awaitSent(10)
	r.healthy()
	in.makeStreamAgain()
	in.send(11, 35)
	r.awaitHalt()
	r.stop()

	r = in.run(exporter.Options{OnFenceMismatch: partition.NewEpoch, Hold: time.Hour})
	r.await("the new epoch", func() bool { return r.log.has("start over at 0") })
	r.awaitReady()
	r.shows(25, catalog.StreamProcessedSequence)
	r.shows(0, catalog.Stages, "stage", "sent")
	r.proves("a new epoch begins, with events in the new stream")
	r.stop()
	r = in.run(exporter.Options{Hold: time.Millisecond})
	defer r.stop()
	r.awaitReady()
	r.shows(0, catalog.Stages, "stage", "sent")
	r.awaitSent(25)
}

// A new epoch in a running exporter creates its series again, in another order
// than before.
func TestFaultNewEpochWhileRunning(t *testing.T) {
	in := install(t, 1)
	in.send(1, 3)
	in.sendPush(4, 8)
	r := in.run(exporter.Options{OnFenceMismatch: partition.NewEpoch})
	defer r.stop()
	r.awaitSent(8)
	r.healthy()
	in.makeStreamAgain()
	in.sendPush(11, 11)
	in.send(12, 13)
	r.awaitSent(3)
	r.shows(1, catalog.Stages, "stage", "sent", "channel", "push")
	r.shows(2, catalog.Stages, "stage", "sent", "channel", "email")
	r.shows(1, catalog.Events, "event", "sent", "channel", "push")
	r.proves("a stream is made again, with --on-fence-mismatch=new-epoch")
}

// Server store rolled back to an older copy while the exporter runs: the
// stream has the same creation time and its sequences continue, but it ends
// before what was folded. The partition halts. A new epoch counts only events
// that were not counted before.
func TestFaultStoreRolledBack(t *testing.T) {
	in := install(t, 1)
	in.send(1, 5)
	in.stopServer()
	older := t.TempDir()
	copyTree(t, older, in.store)
	in.startServer()
	r := in.run(exporter.Options{})
	in.send(6, 10)
	r.awaitSent(10)
	r.healthy()

	in.stopServer()
	replaceTree(t, in.store, older)
	in.startServer()
	r.awaitHalt("the stream ends at sequence 5, but was known up to sequence 10", "--on-fence-mismatch=new-epoch")
	r.shows(0, catalog.FenceOK)
	r.shows(10, catalog.Stages, "stage", "sent")
	in.send(6, 12)
	r.awaitWaiting(12) // nobody knows which of them are the same
	r.proves("the server's store is rolled back to an older copy")
	r.stop()

	// By now the stream is longer than it was. Only the message at the
	// sequence differs.
	r = in.run(exporter.Options{})
	r.awaitHalt("the message at sequence 10", "is not the one that was folded")
	r.proves("a rolled-back stream has grown beyond where it was")
	r.stop()
	r = in.run(exporter.Options{OnFenceMismatch: partition.NewEpoch})
	defer r.stop()
	r.awaitSent(2)
	r.shows(10, catalog.EventsDuplicate)
}

// Stream shorter than the high-water mark, after a crash: the shown numbers
// cannot be reached again. Nothing is shown, and the partition halts.
func TestFaultShorterThanTheMark(t *testing.T) {
	in, older := crashedBehindItsMark(t)
	in.stopServer()
	replaceTree(t, in.store, older)
	in.startServer()
	r := in.run(counting())
	defer r.stop()
	r.awaitHalt("the stream ends at sequence 5, but was known up to sequence 10", "--on-fence-mismatch=new-epoch")
	r.shows(0, catalog.FenceOK)
	r.showsNoNumbers()
	r.proves("after a crash, the stream is shorter than what was shown")
}

// Stream whose messages differ at the high-water mark, after a crash: the
// same. A new epoch counts what the checkpoint does not have.
func TestFaultDifferentAtTheMark(t *testing.T) {
	in, older := crashedBehindItsMark(t)
	in.stopServer()
	replaceTree(t, in.store, older)
	in.startServer()
	in.send(106, 112)
	r := in.run(counting())
	r.awaitHalt("the message at sequence 10", "is not the one that was folded", "--on-fence-mismatch=new-epoch")
	r.shows(0, catalog.FenceOK)
	r.showsNoNumbers()
	r.proves("after a crash, the stream has other messages than those shown")
	r.stop()

	r = in.run(exporter.Options{OnFenceMismatch: partition.NewEpoch})
	defer r.stop()
	r.awaitSent(7)
	r.shows(5, catalog.EventsDuplicate)
}

// crashedBehindItsMark returns an installation whose exporter has shown 10
// events and crashed after a checkpoint of 5, and a copy of the server's store from
// when it had those.
func crashedBehindItsMark(t *testing.T) (in *installation, older string) {
	t.Helper()
	in = install(t, 1)
	in.send(1, 5)
	in.stopServer()
	older = t.TempDir()
	copyTree(t, older, in.store)
	in.startServer()
	r := in.run(counting())
	r.awaitSent(5)
	in.send(6, 10)
	r.awaitSent(10)
	r.healthy()
	in.crash(r)
	return in, older
}

// Message deleted from the middle: one event is lost, and counted as such.
func TestFaultMessageDeleted(t *testing.T) {
	in := install(t, 1)
	in.send(1, 10)
	r := in.run(counting())
	r.awaitSent(10)
	r.healthy()
	r.stop()
	in.send(11, 13)
	in.deleteMessage(12)

	r = in.run(counting())
	defer r.stop()
	r.awaitSent(12)
	r.shows(1, catalog.StreamLostEvents)
	r.said("events are lost", "lost=1", "after=11")
	r.proves("one message is deleted before it is counted")
}

// Message deleted that was shown, after a crash: the counters start over at 0.
// If it is the last one, the numbers do not wait for it.
func TestFaultShownMessageDeleted(t *testing.T) {
	for name, sequence := range map[string]uint64{"in the middle": 8, "at the mark": 10} {
		t.Run(name, func(t *testing.T) {
			in := install(t, 1)
			r := in.showsTen()
			in.crash(r)
			in.deleteMessage(sequence)

			r = in.run(counting())
			defer r.stop()
			r.awaitReady()
			r.shows(0, catalog.Stages, "stage", "sent")
			r.said("all counters of the partition start over at 0")
			in.send(11, 12)
			r.awaitSent(2)
			r.shows(1, catalog.StreamLostEvents)
			r.said("events are lost", "lost=1")
			r.proves("after a crash, one message is gone that was shown")
		})
	}
}

// A stream that is read for the first time and whose newest message was
// deleted: the numbers do not wait for it either.
func TestFaultNewestMessageDeletedAtFirstSight(t *testing.T) {
	in := install(t, 1)
	in.send(1, 5)
	in.deleteMessage(5)
	r := in.run(counting())
	defer r.stop()
	r.awaitReady()
	r.shows(4, catalog.Stages, "stage", "sent")
	r.shows(0, catalog.StreamLostEvents)
	r.proves("the newest message of a stream is deleted before it is first read")
}

// Stream deleted and not made again: the exporter makes an empty one, so that producers
// can publish, and halts.
func TestFaultStreamDeleted(t *testing.T) {
	in := install(t, 1)
	in.send(1, 3)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitSent(3)
	r.healthy()
	if err := in.stream().DeleteStream(nats.StreamName(0)); err != nil {
		t.Fatal(err)
	}
	r.awaitHalt("was created", "start with --on-fence-mismatch=new-epoch")
	r.proves("a stream is deleted")
	in.send(4, 5)
	r.awaitWaiting(2)
	r.shows(3, catalog.Stages, "stage", "sent")
}

// Stream that overflows while the exporter is down: the oldest events are lost, and
// counted as such.
func TestFaultStreamOverflows(t *testing.T) {
	in := install(t, 1)
	in.send(1, 3)
	r := in.run(counting())
	r.awaitSent(3)
	r.healthy()
	r.stop()
	in.limitStream(10 << 10)
	in.config.Stream.MaxBytes = 0
	in.sendMany(4, 103)
	r = in.run(counting())
	defer r.stop()
	r.awaitReady()
	r.proves("a stream overflows while the exporter is down")
	if lost, counted := r.value(catalog.StreamLostEvents), r.sent(); lost+counted != 103 {
		t.Errorf("%v events are lost and %v counted of 103", lost, counted)
	}
}

// limitStream sets max_bytes of the stream of partition 0.
func (in *installation) limitStream(bytes int64) {
	in.t.Helper()
	info, err := in.stream().StreamInfo(nats.StreamName(0))
	if err != nil {
		in.t.Fatal(err)
	}
	info.Config.MaxBytes, info.Config.Compression = bytes, natsgo.NoCompression
	if _, err := in.stream().UpdateStream(&info.Config); err != nil {
		in.t.Fatal(err)
	}
}
