//go:build e2e

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// The whole system end to end, on real servers: a provider fails with an error
// code never seen before, the page comes within a minute, the resolution
// follows, and every count is exactly that of the simulation. It measures a time
// that is promised, so it has the machine to itself and no race detector: see
// make test.
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
