package query_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"belfry/insights/query"
)

// An answer is asked for once, and an error is not kept.
func TestRemembering(t *testing.T) {
	var asked atomic.Int32
	s := against(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			reply(500, "")(w, r)
			return
		}
		reply(200, data("vector", element("a", "1")))(w, r)
	}).Remembering(query.Seal{})
	if _, err := s.Instant(t.Context(), queues, noon); err == nil {
		t.Fatal("no error")
	}
	for range 2 {
		v, err := s.Instant(t.Context(), queues, noon)
		if err != nil || v.Sum() != 1 || len(v.Queries) != 1 {
			t.Fatalf("%+v, %v", v, err)
		}
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
	if _, err := s.Instant(t.Context(), queues, noon.Add(1)); err != nil || asked.Load() != 3 {
		t.Errorf("another time: %d requests, %v", asked.Load(), err)
	}
}
