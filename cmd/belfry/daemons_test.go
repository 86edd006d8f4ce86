package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"belfry/deploy/stack"
	"belfry/nats"
)

// daemonProcess is a daemon of this program that runs as a process of its own.
type daemonProcess struct {
	t       *testing.T
	log     *printed
	url     string
	command *exec.Cmd
	exited  chan struct{}
}

// printed collects what a process prints.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *printed) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *printed) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// startDaemon runs the program and returns when it answers.
func startDaemon(t *testing.T, args ...string) *daemonProcess {
	t.Helper()
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprint("127.0.0.1:", port)
	d := &daemonProcess{t: t, log: &printed{}, url: "http://" + address, exited: make(chan struct{})}
	d.command = exec.Command("belfry", append(args, "--web.listen-address="+address)...)
	d.command.Dir, d.command.Stdout, d.command.Stderr = t.TempDir(), d.log, d.log
	if err := d.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = d.command.Wait() // the tests judge what it prints
		close(d.exited)
	}()
	t.Cleanup(d.stop)
	d.await("an answer", func() bool { status, _ := d.ask("GET", "/-/healthy"); return status == http.StatusOK })
	return d
}

// stop interrupts the daemon and waits until it has exited.
func (d *daemonProcess) stop() {
	_ = d.command.Process.Signal(os.Interrupt) // it may have ended already
	<-d.exited
}

func (d *daemonProcess) hangUp() {
	d.t.Helper()
	if err := d.command.Process.Signal(syscall.SIGHUP); err != nil {
		d.t.Fatal(err)
	}
}

// await polls until the condition holds.
func (d *daemonProcess) await(what string, holds func() bool) {
	d.t.Helper()
	tick, deadline := time.NewTicker(5*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-d.exited:
			d.t.Fatalf("waiting for %s: it has exited\n%s", what, d.log)
		case <-deadline:
			d.t.Fatalf("waiting for %s: a minute is over\n%s", what, d.log)
		}
	}
}

// ask returns the answer to a request, or status 0 if there is none.
func (d *daemonProcess) ask(method, path string) (status int, body string) {
	request, err := http.NewRequest(method, d.url+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

// natsStore starts a NATS server without passwords, and returns its address.
func natsStore(t *testing.T) string {
	t.Helper()
	server, err := nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return server.URL()
}
