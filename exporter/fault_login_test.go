package exporter_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/nats"
)

// serve starts a server on the installation's store with options of the test.
func (in *installation) serve(o *natsserver.Options) *natsserver.Server {
	in.t.Helper()
	in.stopServer()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", natsserver.RANDOM_PORT, true, true
	server, err := natsserver.NewServer(o)
	if err != nil {
		in.t.Fatal(err)
	}
	go server.Start()
	if !server.ReadyForConnections(time.Minute) {
		in.t.Fatal("the server does not start")
	}
	in.t.Cleanup(func() {
		server.Shutdown()
		server.WaitForShutdown()
	})
	return server
}

// user returns a user of a server who may publish everything but to the denied subjects.
func user(denied ...string) []*natsserver.User {
	return []*natsserver.User{{Username: "belfry", Password: "secret", Permissions: &natsserver.Permissions{
		Publish: &natsserver.SubjectPermission{Deny: denied},
	}}}
}

// password writes a password file.
func password(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// login connects to a server as its user.
func (in *installation) login(server *natsserver.Server) *natsgo.Conn {
	in.t.Helper()
	nc, err := nats.Connect(in.t.Context(), nats.Options{
		URL: server.ClientURL(), User: "belfry", PasswordFile: password(in.t, "secret"), Status: in.status,
	})
	if err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(nc.Close)
	return nc
}

// A login that the server does not accept does not get better by waiting: the exporter
// exits and says why.
func TestFaultLoginRefused(t *testing.T) {
	in := install(t, 1)
	server := in.serve(&natsserver.Options{JetStream: true, StoreDir: in.store, Users: user()})
	for fault, flags := range map[string][]string{
		"NATS refuses the password": {
			"--nats.url=" + server.ClientURL(), "--nats.user=belfry", "--nats.password-file=" + password(t, "wrong"),
		},
		"the exporter wants TLS and NATS has none": {
			"--nats.url=" + strings.Replace(server.ClientURL(), "nats:", "tls:", 1),
		},
	} {
		t.Run(fault, func(t *testing.T) {
			p := in.start(flags...)
			p.t = t
			p.awaitExit()
			p.proves(fault)
		})
	}
}

// A server without JetStream has no streams: the exporter waits for it.
func TestFaultNoJetStream(t *testing.T) {
	t.Parallel()
	in := install(t, 1)
	server := in.serve(&natsserver.Options{Users: user()})
	in.nc = in.login(server)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.proves("NATS has no JetStream")
}

// A permission that is taken away while the exporter reads: it halts, and continues by
// itself once it has the permission again.
func TestFaultPermissionTakenAway(t *testing.T) {
	t.Parallel()
	in := install(t, 1)
	in.send(1, 10)
	o := &natsserver.Options{JetStream: true, StoreDir: in.store, Users: user()}
	server := in.serve(o)
	in.nc = in.login(server)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitSent(10)
	r.healthy()
	reload := func(denied ...string) {
		changed := o.Clone()
		changed.Users = user(denied...)
		if err := server.ReloadOptions(changed); err != nil {
			t.Fatal(err)
		}
	}
	reload("$JS.API.CONSUMER.CREATE.>", "$JS.API.CONSUMER.MSG.NEXT.>")
	in.deleteConsumers() // otherwise it takes 11 s to notice
	r.proves("the NATS user loses a permission")
	reload()
	r.awaitReady()
	r.shows(0, catalog.PartitionHalted)
	r.said("partition is read again")
}

// A consumer that is deleted while it is read: the exporter makes another one and
// continues, as often as that happens, and says so each time.
func TestFaultConsumerDeleted(t *testing.T) {
	t.Parallel()
	in := install(t, 1)
	in.send(1, 3)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitSent(3)
	r.healthy()
	for round := range 2 {
		r.awaitReady()
		in.deleteConsumers()
		r.await("the log message", func() bool {
			return strings.Count(r.log.String(), "reading stopped, retrying") == round+1
		})
	}
	r.awaitReady()
	in.send(4, 5)
	r.awaitSent(5)
	r.proves("the consumer of a stream is deleted")
	r.shows(0, catalog.EventsDuplicate)
}

// deleteConsumers deletes the consumers of the stream of partition 0.
func (in *installation) deleteConsumers() {
	in.t.Helper()
	for name := range in.stream().ConsumerNames(nats.StreamName(0)) {
		if err := in.stream().DeleteConsumer(nats.StreamName(0), name); err != nil {
			in.t.Fatal(err)
		}
	}
}
