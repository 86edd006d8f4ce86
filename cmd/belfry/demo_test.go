package main

import (
	"bytes"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/simulate"
	"belfry/insights/experiment"
)

func TestDemoNamesTheFlagOfATakenPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	taken := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	args := []string{"demo", "--port.prometheus", taken}
	for _, other := range []string{"nats", "exporter", "alerts", "insights", "alertmanager", "pages", "grafana"} {
		args = append(args, "--port."+other+"=0")
	}
	var complaints bytes.Buffer
	p := &process{stdout: os.Stdout, stderr: &complaints, getenv: os.Getenv}
	want := "port " + taken + " is taken: stop the program that listens there or set another port with --port.prometheus"
	if code := run(t.Context(), args, p); code != 1 || !strings.Contains(complaints.String(), want) {
		t.Errorf("exit %d, %q", code, complaints.String())
	}
}

// The demo's plans describe every simulated experiment, and a second start keeps them.
func TestDemoPlans(t *testing.T) {
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := &system{demo: &demo{dir: t.TempDir()}, trialsFrom: begin}
	file, err := s.writePlans()
	if err != nil {
		t.Fatal(err)
	}
	plans, err := experiment.LoadPlans(file)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, x := range simulate.Experiments() {
		want = append(want, x.ID)
	}
	for _, p := range plans {
		got = append(got, p.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.trialsFrom = begin.Add(time.Hour)
	if _, err := s.writePlans(); err != nil {
		t.Fatal(err)
	}
	again, err := experiment.LoadPlans(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := experiment.Changed(plans, again, begin.Add(2*time.Hour)); err != nil || !again[0].Started.Equal(begin) {
		t.Errorf("started %s: %v", again[0].Started, err)
	}
}
