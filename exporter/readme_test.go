package exporter_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"belfry/exporter"
	"belfry/exporter/catalog"
)

// The README shows how to publish an event with the Python that every system has.
func TestTheReadmePublishesAnEvent(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("this machine has no python3")
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```python\n")
	program, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("README.md has no program in Python")
	}
	in := install(t, 2)
	address, found := strings.CutPrefix(in.server.URL(), "nats://")
	host, port, _ := strings.Cut(address, ":")
	if !found {
		t.Fatalf("unexpected address %s", in.server.URL())
	}
	program = strings.Replace(program, `("localhost", 4222), 1,`, `("`+host+`", `+port+`), 2,`, 1)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitReady()
	if out, err := exec.CommandContext(t.Context(), python, "-c", program).CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	r.await("the event", func() bool { return r.value(catalog.Events, "event", "delivered") == 1 })
	r.shows(0, catalog.EventsMisrouted)
	r.shows(0, catalog.EventsRejected)
}
