package service

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Of many requests at once, those that find no place are told to come again. A place is
// given back, also by a handler that panics.
func TestTooManyRequestsAtOnce(t *testing.T) {
	a := newAnswers()
	panics := true
	h := a.encoded(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if panics {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "answer")
	}))
	ask := func() (w *httptest.ResponseRecorder) {
		defer func() { _ = recover() }()
		w = httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		return w
	}
	for range madeAtOnce + 1 {
		ask()
	}
	panics = false
	if w := ask(); w.Code != http.StatusOK || w.Body.String() != "answer" {
		t.Errorf("after panics: status %d, %q", w.Code, w.Body)
	}
	for range madeAtOnce {
		a.places <- struct{}{}
	}
	if w := ask(); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("without a place: status %d, %v", w.Code, w.Header())
	}
}
