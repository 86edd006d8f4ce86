package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The whole system end to end, on real servers: a provider fails with an error
// code never seen before, the page comes within a minute, the resolution
// follows, and every count is exactly that of the simulation.
func TestDemoCheck(t *testing.T) {
	var out bytes.Buffer
	p := &process{stdout: &out, stderr: os.Stderr, getenv: os.Getenv}
	if code := run(t.Context(), []string{"demo", "--check"}, p); code != 0 {
		t.Fatalf("exit %d\n%s", code, out.String())
	}
	var v verdict
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatalf("not one line of JSON: %v\n%s", err, out.String())
	}
	if v.FaultToPage <= 0 || v.FaultToPage >= 60 || v.PageToResolved <= 0 || v.Events == 0 || !v.CountsMatch {
		t.Errorf("verdict %+v", v)
	}
}

func TestDemoNamesTheFlagOfATakenPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	taken := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	args := []string{"demo", "--port.prometheus", taken}
	for _, other := range []string{"nats", "exporter", "alertmanager", "pages", "grafana"} {
		args = append(args, "--port."+other+"=0")
	}
	var complaints bytes.Buffer
	p := &process{stdout: os.Stdout, stderr: &complaints, getenv: os.Getenv}
	want := "port " + taken + " is taken: stop what listens there or choose another with --port.prometheus"
	if code := run(t.Context(), args, p); code != 1 || !strings.Contains(complaints.String(), want) {
		t.Errorf("exit %d, %q", code, complaints.String())
	}
}
