package nats

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

func TestServerKeepsItsStreams(t *testing.T) {
	srv, nc := onePartition(t)
	p := newPublisher(t, srv.URL(), PublisherOptions{})
	publishNumbered(t, p, 1, 10)
	flush(t, p)
	created := streamState(t, nc).Created
	srv.restart()
	nc = connect(t, Options{URL: srv.URL()})
	if state := streamState(t, nc); state.LastSequence != 10 || !state.Created.Equal(created) {
		t.Errorf("after the restart: %+v, created %s before", state, created)
	}
	checkNumbered(t, nc, 10)
}

func TestServerPortTaken(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	dir := t.TempDir()
	_, err = StartServer(t.Context(), ServerOptions{Port: port, StoreDir: dir})
	want := fmt.Sprintf("listen tcp 127.0.0.1:%d: bind: address already in use", port)
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "choose another port") {
		t.Errorf("error is %v, want %q", err, want)
	}
	srv, err := StartServer(t.Context(), ServerOptions{StoreDir: dir}) // the directory is free again
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Shutdown(); err != nil {
		t.Error(err)
	}
}

func TestServerDirectoryInUse(t *testing.T) {
	srv := startServer(t)
	_, err := StartServer(t.Context(), ServerOptions{StoreDir: srv.options.StoreDir})
	want := fmt.Sprintf("start nats server: directory %q is in use by process %d: stop it or choose another directory",
		srv.options.StoreDir, os.Getpid())
	if err == nil || err.Error() != want {
		t.Errorf("error is\n%v\nwant\n%s", err, want)
	}
}

func TestServerWithoutDirectory(t *testing.T) {
	_, err := StartServer(t.Context(), ServerOptions{})
	if err == nil || err.Error() != "start nats server: set a store directory" {
		t.Errorf("error is %v", err)
	}
	blocked := file(t, "file", "")
	_, err = StartServer(t.Context(), ServerOptions{StoreDir: blocked})
	if err == nil || !strings.Contains(err.Error(), "make the store directory") {
		t.Errorf("error is %v", err)
	}
}

func TestServerStartCancelled(t *testing.T) {
	dir := t.TempDir()
	if _, err := StartServer(expired(), ServerOptions{StoreDir: dir}); err == nil {
		t.Error("a cancelled start is not an error")
	}
	srv, err := StartServer(t.Context(), ServerOptions{StoreDir: dir}) // and leaves the directory free
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Shutdown(); err != nil {
		t.Error(err)
	}
}

func TestServerListensOnThisMachineOnly(t *testing.T) {
	srv := startServer(t)
	if !strings.HasPrefix(srv.URL(), "nats://127.0.0.1:") {
		t.Errorf("url is %s", srv.URL())
	}
}
