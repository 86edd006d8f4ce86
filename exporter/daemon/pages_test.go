package daemon_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"belfry/exporter/daemon"
	"belfry/nats"
)

// pages returns the pages of a daemon whose state the test sets.
func pages(ready *bool, reload func() error) http.Handler {
	p := daemon.Pages{
		Title: "Belfry test", About: "Tests the kit.", ReadyMeans: "the test says so",
		Status: func() []daemon.Line {
			return []daemon.Line{
				daemon.Connected(&nats.Status{}), {OK: *ready, Text: "a < b"}, {OK: true, Text: "by \u202eann\u200b"},
			}
		},
		Links: []daemon.Link{
			{Path: "more/", Name: "More", About: "and more"}, {Name: "POST hook", About: "for programs"},
		},
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "up 1\n") }),
		Ready:   func() (bool, string) { return *ready, "it waits for the \u202etest" },
		Reload:  reload, Lifecycle: true, Log: slog.New(slog.DiscardHandler),
	}
	return p.Mux()
}

func ask(h http.Handler, method, path string) (status int, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Code, w.Body.String()
}

func TestPages(t *testing.T) {
	ready, wrong := false, errors.New("file:1:2: wrong")
	h := pages(&ready, func() error { return wrong })
	check := func(method, path string, wantStatus int, wantBody string) {
		t.Helper()
		if status, body := ask(h, method, path); status != wantStatus || body != wantBody {
			t.Errorf("%s %s: %d %q, want %d %q", method, path, status, body, wantStatus, wantBody)
		}
	}
	check("GET", "/metrics", 200, "up 1\n")
	check("GET", "/-/healthy", 200, "healthy\n")
	check("GET", "/healthz", 200, "healthy\n")
	check("GET", "/-/ready", 503, "not ready\nit waits for the \\u202etest\n")
	check("GET", "/readyz", 503, "not ready\nit waits for the \\u202etest\n")
	check("POST", "/-/reload", 400, "file:1:2: wrong\n")
	ready, wrong = true, nil
	check("GET", "/-/ready", 200, "ready\n")
	check("PUT", "/-/reload", 200, "reloaded\n")
	if status, _ := ask(h, "GET", "/-/reload"); status != http.StatusMethodNotAllowed {
		t.Errorf("GET /-/reload: status %d", status)
	}
	if status, _ := ask(pages(&ready, nil), "POST", "/-/reload"); status != http.StatusNotFound {
		t.Errorf("POST /-/reload of a daemon without one: status %d", status)
	}
}

func TestLandingPage(t *testing.T) {
	ready := false
	h := pages(&ready, nil)
	status, body := ask(h, "GET", "/")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	for _, want := range []string{
		"<h1>Belfry test</h1>", "<p>Tests the kit.</p>",
		`<li class="wrong">Not connected to NATS; trying.</li>`, `<li class="wrong">a &lt; b</li>`,
		`<li><a href="metrics">Metrics</a>: for Prometheus</li>`, `<li><a href="more/">More</a>: and more</li>`,
		`<li><code>POST hook</code>: for programs</li>`, `<li>by \u202eann\u200b</li>`,
		`<li><a href="-/ready">Ready</a>: whether the test says so</li>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s:\n%s", want, body)
		}
	}
	ready = true
	if _, body := ask(h, "GET", "/"); !strings.Contains(body, "<li>a &lt; b</li>") {
		t.Errorf("what is well is marked as wrong:\n%s", body)
	}
}

// A daemon with a home has its landing page at /status.
func TestHome(t *testing.T) {
	p := daemon.Pages{
		Title: "Belfry test", Status: func() []daemon.Line { return nil }, Metrics: http.NotFoundHandler(),
		Home: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "home") }),
	}
	mux := p.Mux()
	if status, body := ask(mux, "GET", "/"); status != http.StatusOK || body != "home" {
		t.Errorf("/: status %d, %s", status, body)
	}
	status, body := ask(mux, "GET", "/status")
	if status != http.StatusOK || !strings.Contains(body, "<h1>Belfry test") {
		t.Errorf("/status: status %d, %s", status, body)
	}
}
