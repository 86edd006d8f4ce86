package main

import (
	"bytes"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/alertmanager"
	"belfry/exporter/simulate"
	"belfry/insights/experiment"
	"belfry/rules"
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

// A demo that cannot do what its flags ask says so before it builds or writes anything.
func TestDemoJudgesIncidentsFirst(t *testing.T) {
	for _, incident := range []string{
		"earthquake", "provider-outage,provider=nobody", "halving,factor=2", "srm,at=soon",
	} {
		dir := filepath.Join(t.TempDir(), "data")
		var complaints bytes.Buffer
		p := &process{stdout: os.Stdout, stderr: &complaints, getenv: os.Getenv}
		args := []string{"demo", "--data-dir", dir, "--incident", incident, "--prometheus", "/nowhere"}
		if code := run(t.Context(), args, p); code != 1 || !strings.Contains(complaints.String(), "--incident: ") {
			t.Errorf("%s: exit %d, %q", incident, code, complaints.String())
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s: the data directory was written: %v", incident, err)
		}
	}
}

// A history that was interrupted is written again; one that is whole is continued.
func TestDemoAfterAnInterruptedHistory(t *testing.T) {
	var said bytes.Buffer
	d := &demo{p: &process{stderr: &said}, dir: t.TempDir()}
	write := func(path, content string) {
		t.Helper()
		if err := writeFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(d.stateDir(), "0", "old"), "")                    // moved, and then interrupted
	write(filepath.Join(d.unfinished(), prometheusName, "block"), "half") // while it was written
	if wanted, err := d.beginHistory(); !wanted || err != nil {
		t.Fatalf("wanted %t, %v", wanted, err)
	}
	if _, err := os.Stat(d.unfinished()); !os.IsNotExist(err) {
		t.Errorf("half a history stays: %v", err)
	}
	write(filepath.Join(d.unfinished(), prometheusName, "block"), "whole")
	write(filepath.Join(d.unfinished(), stateName, "0", "new"), "")
	if err := d.finishHistory(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(d.dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(d.prometheusData(), "block"), filepath.Join(d.stateDir(), "0")}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("the data directory (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(d.stateDir(), "0", "old")); !os.IsNotExist(err) {
		t.Errorf("the state of the interrupted demo stays: %v", err)
	}
	if wanted, err := d.beginHistory(); wanted || err != nil || !strings.Contains(said.String(), "is continued") {
		t.Errorf("wanted %t, %v; said %q", wanted, err, said.String())
	}
}

// Messages of the demo link to its own servers, whose ports flags set.
func TestDemoLinksToItsOwnServers(t *testing.T) {
	d := &demo{ports: ports{alerts: 1, prometheus: 2, alertmanager: 3, pages: 4, grafana: 5}}
	set, err := rules.Compile(d.settings())
	if err != nil {
		t.Fatal(err)
	}
	files, err := set.Files()
	if err != nil {
		t.Fatal(err)
	}
	config, err := alertmanager.FilesFor(d.settings())
	if err != nil {
		t.Fatal(err)
	}
	all := string(bytes.Join(slices.Collect(maps.Values(files)), nil)) +
		string(bytes.Join(slices.Collect(maps.Values(config)), nil))
	for _, want := range []string{
		"runbook_url: http://127.0.0.1:1/runbooks/NotificationProviderDown.md",
		"http://127.0.0.1:3", "http://127.0.0.1:4/pager", "http://127.0.0.1:5",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing has %s", want)
		}
	}
	if at := strings.Index(all, "localhost"); at >= 0 {
		t.Errorf("localhost in %q", all[max(0, at-80):min(len(all), at+80)])
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
