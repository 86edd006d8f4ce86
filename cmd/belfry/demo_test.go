package main

import (
	"bytes"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
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
