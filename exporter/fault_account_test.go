package exporter_test

import (
	"testing"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"belfry/nats"
)

// An account that has no storage for what the configuration asks for: the partition halts,
// and continues by itself once the account has more.
func TestFaultAccountIsFull(t *testing.T) {
	in := install(t, 1)
	in.send(1, 10)
	r := in.run(counting())
	r.awaitSent(10)
	r.healthy()
	r.stop()
	in.send(11, 30)
	server := in.serve(&natsserver.Options{JetStream: true, StoreDir: in.store, Users: user()})
	in.nc = in.login(server)
	allow(t, server, 65<<20)
	in.config.Stream.MaxBytes = 128 << 20
	r = in.run(counting())
	defer r.stop()
	r.awaitHalt("lower stream.max_bytes in the exporter's configuration")
	r.awaitWaiting(20)
	r.proves("the NATS account has no storage left for a stream")
	allow(t, server, 1<<30)
	r.awaitSent(30)
	r.awaitReady()
}

// allow limits the storage of a server's account.
func allow(t *testing.T, server *natsserver.Server, bytes int64) {
	t.Helper()
	err := server.GlobalAccount().UpdateJetStreamLimits(map[string]natsserver.JetStreamAccountLimits{"": {
		MaxMemory: -1, MaxStore: bytes, MaxStreams: -1, MaxConsumers: -1, MaxAckPending: -1,
		MemoryMaxStreamBytes: -1, StoreMaxStreamBytes: -1,
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// A sealed stream takes no event any more: the partition halts at its start.
func TestFaultStreamSealed(t *testing.T) {
	in := install(t, 1)
	in.send(1, 10)
	r := in.run(counting())
	r.awaitSent(10)
	r.healthy()
	r.stop()
	info, err := in.stream().StreamInfo(nats.StreamName(0))
	if err != nil {
		t.Fatal(err)
	}
	info.Config.Sealed = true
	if _, err := in.stream().UpdateStream(&info.Config); err != nil {
		t.Fatal(err)
	}
	r = in.run(counting())
	defer r.stop()
	r.awaitHalt("sealed")
	r.proves("a stream is sealed")
}
