// Package querytest serves tests a past that they record: it starts the pinned
// Prometheus on it, and reads from there.
package querytest

import (
	"path/filepath"
	"testing"
	"time"

	"belfry/deploy/stack"
	"belfry/insights/query"
	"belfry/rules/promapi"
	"belfry/rules/simtime"
)

// Serve starts Prometheus on what record scrapes, and returns its URL. It runs until
// the test ends.
func Serve(t *testing.T, record func(*simtime.Server)) (url string) {
	t.Helper()
	dir := t.TempDir()
	past, err := simtime.Open(t.Context(), filepath.Join(dir, "head"), nil, simtime.OneBlock())
	if err != nil {
		t.Fatal(err)
	}
	record(past)
	if err := past.DB.Snapshot(stack.BlocksDir(dir), true); err != nil {
		t.Fatal(err)
	}
	if err := past.DB.Close(); err != nil {
		t.Fatal(err)
	}
	server, err := stack.ServeBlocks(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	return server.URL
}

// Source returns a source that reads from a URL, at the time now.
func Source(t *testing.T, url string, now time.Time) *query.Source {
	t.Helper()
	api, err := promapi.New(url, promapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return query.New(api, query.Options{Now: func() time.Time { return now }})
}
