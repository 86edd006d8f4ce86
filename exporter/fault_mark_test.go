package exporter_test

import (
	"os"
	"testing"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/state"
)

// A high-water mark that is missing beside a checkpoint: what was shown is unknown. No
// counter goes down: nothing is shown until the stream is counted to its end.
func TestFaultMarkIsMissing(t *testing.T) {
	in := install(t, 1)
	in.send(1, 5)
	r := in.run(counting())
	r.awaitSent(5)
	r.stop() // with a checkpoint at 5
	r = in.run(counting())
	in.send(6, 10)
	r.awaitSent(10)
	r.healthy()
	in.crash(r)
	if err := os.Remove(in.partitionDir(state.MarkFile)); err != nil {
		t.Fatal(err)
	}

	in.stopServer()
	r = in.run(counting())
	defer r.stop()
	r.showsNoNumbers()
	in.startServer()
	r.await("numbers", func() bool { return r.value(catalog.Stages) > 0 })
	r.shows(10, catalog.Stages, "stage", "sent")
	r.awaitReady()
	r.proves("after a crash, the high-water mark is missing")
}

// Where events are gone, too, what was shown cannot be reached: the counters start over.
func TestFaultMarkIsMissingAndEventsAreGone(t *testing.T) {
	in := install(t, 1)
	in.send(1, 5)
	r := in.run(counting())
	r.awaitSent(5)
	r.stop()
	in.send(6, 10)
	r = in.run(counting())
	r.awaitSent(10)
	in.crash(r)
	if err := os.Remove(in.partitionDir(state.MarkFile)); err != nil {
		t.Fatal(err)
	}
	in.purgeBelow(9)
	r = in.run(exporter.Options{})
	defer r.stop()
	r.await("the counters to start over", func() bool {
		return r.log.has("all counters of the partition start over at 0")
	})
	r.awaitReady()
	r.shows(3, catalog.StreamLostEvents)
}
