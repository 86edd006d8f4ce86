package exporter_test

import (
	"net/http"
	"strings"
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter"
	"belfry/exporter/catalog"
)

// unread checks that a partition that does not read its stream is not ready, and
// that /-/ready and the landing page say why.
func (r *running) unread(why ...string) {
	r.t.Helper()
	r.shows(0, catalog.PartitionReading)
	status, ready := r.get("/-/ready", "")
	if status != http.StatusServiceUnavailable {
		r.t.Errorf("/-/ready has status %d", status)
	}
	for _, part := range why {
		if !strings.Contains(ready, part) {
			r.t.Errorf("%q is missing on /-/ready:\n%s", part, ready)
		}
	}
}

// Streams that cannot be had as configured, of an installation that has counted
// before: the partition halts, what waits is shown, and it continues by itself once
// the cause is gone.
func TestFaultStreamsThatCannotBeHad(t *testing.T) {
	for name, test := range map[string]struct {
		change func(in *installation)
		kind   string
		why    string
		mend   func(in *installation)
	}{
		"partitions were changed": {
			change: func(in *installation) { in.editStream("belfry-partitions", "4") },
			kind:   "the streams were made for another number of partitions",
			why:    "it was created for 4 partitions, not 1",
			mend:   func(in *installation) { in.editStream("belfry-partitions", "1") },
		},
		"max_bytes cannot be reserved": {
			change: func(in *installation) { in.config.Stream.MaxBytes = 1 << 50 },
			kind:   "the server cannot reserve stream.max_bytes",
			why:    "lower stream.max_bytes in the exporter's configuration",
		},
		"a stream has subjects of somebody else": {
			change: func(in *installation) { in.addSubject("orders.>") },
			kind:   "a stream of Belfry's has subjects of somebody else",
			why:    "it also has subject",
		},
		"max_bytes is below what the stream holds": {
			change: func(in *installation) { in.config.Stream.MaxBytes = 5 << 10 },
			kind:   "stream.max_bytes is below what a stream holds",
			why:    "max_bytes would go from 64MiB to 5KiB, but the stream holds 30 messages of ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := install(t, 1)
			in.send(1, 10)
			r := in.run(counting())
			r.awaitSent(10)
			r.awaitReady()
			r.shows(1, catalog.PartitionReading)
			r.healthy()
			r.stop()

			in.send(11, 30)
			test.change(in)
			r = in.run(counting())
			defer r.stop()
			r.awaitHalt(test.why)
			r.unread(test.why)
			r.awaitWaiting(20)
			r.proves(test.kind)
			r.shows(10, catalog.Stages, "stage", "sent")
			if test.mend == nil {
				return
			}
			test.mend(in)
			r.awaitSent(30)
			r.awaitReady()
			r.shows(0, catalog.PartitionHalted)
			r.shows(1, catalog.PartitionReading)
			r.said("partition is read again")
		})
	}
}

// editStream sets metadata of the stream of partition 0.
func (in *installation) editStream(key, value string) {
	in.t.Helper()
	info, err := in.stream().StreamInfo("NOTIFY_00")
	if err != nil {
		in.t.Fatal(err)
	}
	info.Config.Metadata[key] = value
	if _, err := in.stream().UpdateStream(&info.Config); err != nil {
		in.t.Fatal(err)
	}
}

// addSubject adds a subject to the stream of partition 0.
func (in *installation) addSubject(subject string) {
	in.t.Helper()
	info, err := in.stream().StreamInfo("NOTIFY_00")
	if err != nil {
		in.t.Fatal(err)
	}
	info.Config.Subjects = append(info.Config.Subjects, subject)
	if _, err := in.stream().UpdateStream(&info.Config); err != nil {
		in.t.Fatal(err)
	}
}

// A permission that is missing: the partition halts and says which, whichever it is.
func TestFaultPermissionIsMissing(t *testing.T) {
	for _, denied := range []string{
		"$JS.API.STREAM.INFO.>", "$JS.API.STREAM.MSG.GET.>", "$JS.API.CONSUMER.CREATE.>", "$JS.API.CONSUMER.MSG.NEXT.>",
	} {
		t.Run(denied, func(t *testing.T) {
			t.Parallel()
			in := install(t, 1)
			in.send(1, 10)
			r := in.run(counting())
			r.awaitSent(10)
			r.healthy()
			r.stop()
			in.send(11, 30)
			in.nc = in.limited(denied)
			r = in.run(counting())
			defer r.stop()
			r.await("the partition to halt", func() bool { return r.value(catalog.PartitionHalted) == 1 })
			r.unread("ermissions Violation", "give this user the permission")
			r.await("a lag, though the stream may not be seen", func() bool {
				return r.value(catalog.StreamLagSeconds) > 0
			})
			r.proves("the NATS user lacks a permission")
		})
	}
}

// Before the number of partitions is known, one is known not to be read.
func TestFaultNumberOfPartitionsIsUnknown(t *testing.T) {
	in := install(t, 4)
	in.unnamed()
	in.nc = in.limited("$JS.API.STREAM.INFO.>")
	r := in.run(exporter.Options{})
	defer r.stop()
	r.await("the log message", func() bool { return r.log.has("the number of partitions is unknown") })
	r.unread("the number of partitions is unknown", "give this user the permission")
	r.proves("the NATS user lacks the permission to see how many partitions there are")
}

// limited starts the server again and returns a connection whose user may do
// everything but publish to a subject.
func (in *installation) limited(denied string) *natsgo.Conn {
	in.t.Helper()
	return in.login(in.serve(&natsserver.Options{JetStream: true, StoreDir: in.store, Users: user(denied)}))
}
