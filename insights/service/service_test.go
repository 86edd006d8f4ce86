package service

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/anomaly"
	"belfry/insights/forecast"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/promapi"
)

// clock is a time that tests set.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

// An answer that cannot be refreshed stays with the reason, and is withdrawn after a
// quarter of an hour.
func TestWithdrawal(t *testing.T) {
	server := newFake(t, replyNothing)
	at := &clock{noon}
	s := serve(t, Options{Prometheus: server.URL, Now: at.now})
	const path = "/api/v1/recommendations"
	s.answers(t, path, http.StatusOK, query.NoData)

	server.respond = fails(500, "out of memory")
	at.Time = noon.Add(withdrawAfter - time.Second)
	s.Refresh(t.Context())
	s.answers(t, path, http.StatusOK, query.Stale)
	if text := string(body(t, s.get(t, path))); !strings.Contains(text, "could not be refreshed: ") {
		t.Errorf("%s", text)
	}

	if alert := rules.InsightsStale.Threshold; alert != withdrawAfter.Seconds() {
		t.Errorf("the alert InsightsStale is at %v s", alert)
	}
	at.Time = noon.Add(withdrawAfter)
	s.answers(t, path, http.StatusServiceUnavailable, query.Failed)
	text := s.scraped(t)
	for _, want := range []string{
		`belfry_insights_answer_age_seconds{question="recommendations"} 900`,
		`belfry_insights_refresh_failures_total{question="recommendations"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if strings.Contains(text, catalog.Recommendations.Name+"{") {
		t.Error("recommendations are still exposed")
	}

	server.respond = replyNothing
	s.Refresh(t.Context())
	s.answers(t, path, http.StatusOK, query.NoData)
}

// A Prometheus that starts later than the service, at first with old data: the log says why
// there are no answers whenever that changes, once for each question, and when there are.
func TestLateStart(t *testing.T) {
	var log bytes.Buffer
	server, network := newFake(t, replySame("100")), &down{true}
	s := serve(t, Options{Prometheus: server.URL, Client: &http.Client{Transport: network},
		Now: (&clock{noon.Add(time.Hour)}).now, Log: slog.New(slog.NewTextHandler(&log, nil))})
	logged := func(want string) {
		t.Helper()
		if n := strings.Count(log.String(), want); n != len(s.questions) {
			t.Errorf("%d of %d questions are logged with %s:\n%s", n, len(s.questions), want, log.String())
		}
		log.Reset()
		if s.Refresh(t.Context()); log.Len() > 0 {
			t.Errorf("logged again: %s", log.String())
		}
	}
	for _, q := range s.questions {
		if got, want := q.current().status.Reason, s.health().Data.Reason; !strings.HasSuffix(got, want) {
			t.Errorf("two reasons: %s; and %s", got, want)
		}
	}
	logged("state=unreachable")

	network.is = false
	s.Refresh(t.Context())
	logged("state=stale")

	server.respond = replyNothing
	s.Refresh(t.Context())
	logged(`msg="question answered"`)
}

// down is a network that may be down.
type down struct{ is bool }

// RoundTrip implements http.RoundTripper.
func (d *down) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.is {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// After a restart the service answers the same.
func TestStateless(t *testing.T) {
	server := newFake(t, replySame("100"))
	before, after := serve(t, Options{Prometheus: server.URL}), serve(t, Options{Prometheus: server.URL})
	for _, path := range paths {
		same(t, before.get(t, path), after.get(t, path))
	}
}

// The service is ready when every question has been asked once.
func TestReady(t *testing.T) {
	s, err := New(Options{Prometheus: newFake(t, replyNothing).URL})
	if err != nil {
		t.Fatal(err)
	}
	if r := s.get(t, "/-/ready"); r.StatusCode != http.StatusServiceUnavailable ||
		!strings.Contains(string(body(t, r)), "it asks Prometheus about ") {
		t.Errorf("before: %s %s", r.Status, body(t, r))
	}
	s.drawn(t)
	s.Refresh(t.Context())
	if r := s.get(t, "/-/ready"); r.StatusCode != http.StatusOK {
		t.Errorf("after: %s %s", r.Status, body(t, r))
	}
}

// Run asks at once, and ends when its context does.
func TestRun(t *testing.T) {
	asked := make(chan struct{}, 1000)
	s, err := New(Options{Prometheus: newFake(t, func(w http.ResponseWriter, r *http.Request, promQL string) {
		asked <- struct{}{}
		replyNothing(w, r, promQL)
	}).URL})
	if err != nil {
		t.Fatal(err)
	}
	runUntil(t, s, asked)
}

// runUntil runs the service until a question is asked.
func runUntil(t *testing.T, s *Service, asked <-chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	<-asked
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Run reads the last year, before a client asks about it.
func TestRunReadsTheYear(t *testing.T) {
	asked := make(chan struct{}, 1)
	s, err := New(Options{Now: func() time.Time { return noon }, Prometheus: newFake(t,
		func(w http.ResponseWriter, r *http.Request, promQL string) {
			start, err := strconv.ParseFloat(r.Form.Get("start"), 64)
			if err == nil && start < float64(noon.AddDate(-1, 0, 1).Unix()) {
				select {
				case asked <- struct{}{}:
				default:
				}
			}
			replyNothing(w, r, promQL)
		}).URL})
	if err != nil {
		t.Fatal(err)
	}
	runUntil(t, s, asked)
}

func TestOptionsAreChecked(t *testing.T) {
	for want, o := range map[string]Options{
		`invalid Prometheus address "localhost:9090"`: {Prometheus: "localhost:9090"},
		"invalid refresh interval 1s: use 10s to":     {Prometheus: "http://a", Refresh: time.Second},
		"load the plans of experiments: open /none":   {Prometheus: "http://a", Experiments: "/none"},
		"invalid privacy floor 4: use at least 5":     {Prometheus: "http://a", Floor: 4},
	} {
		if _, err := New(o); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// The client of an HTTP configuration file reads servers that require credentials, a
// certificate authority of their own, and a tenant.
func TestCredentials(t *testing.T) {
	allowed := func(r *http.Request) bool {
		user, password, _ := r.BasicAuth()
		return (r.Header.Get("Authorization") == "Bearer t0psecret" || user == "ana" && password == "t0psecret") &&
			r.Header.Get("X-Scope-OrgID") == "production"
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !allowed(r) {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		replyNothing(w, r, "")
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	write("token", "t0psecret\n")
	write("password", "t0psecret")
	const trusted, tenant = "tls_config: {ca_file: ca.pem}\n", "http_headers: {X-Scope-OrgID: {values: [production]}}\n"
	for i, c := range []struct {
		content string
		state   query.State
	}{
		{trusted + tenant + "basic_auth: {username: ana, password_file: password}", query.NoData},
		{trusted + tenant + "authorization: {credentials_file: token}", query.NoData},
		{trusted + tenant + "basic_auth: {username: ana, password: wrong-t0psecret}", query.Failed},
		{trusted + "authorization: {credentials_file: token}", query.Failed},
		{tenant + "authorization: {credentials_file: token}", query.Failed},
	} {
		client, err := promapi.HTTPClient(write(fmt.Sprintf("%d.yaml", i), c.content))
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		address := strings.Replace(server.URL, "https://", "https://eve:t0psecret@", 1)
		if c.state == query.NoData {
			address = server.URL
		}
		s := serve(t, Options{Prometheus: address, Client: client, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if got := s.health().Status; got.State != c.state {
			t.Errorf("%s\nstate %+v, want %s", c.content, got, c.state)
		}
		for _, path := range append(paths, "/api/v1/health", "/", "/status", "/metrics", "/openapi.json") {
			if text := string(body(t, s.get(t, path))) + log.String(); strings.Contains(text, "t0psecret") {
				t.Errorf("%s\n%s shows a secret:\n%.1000s", c.content, path, text)
			}
		}
	}
}

// Past the limits of the catalogue, label sets are left out and counted.
func TestLimits(t *testing.T) {
	l := newLimited()
	for i := range catalog.LabelSeries.Limit + 7 {
		for _, channel := range []string{"email", "push"} {
			l.add(catalog.Anomaly, 1, fmt.Sprint("series ", i), channel)
		}
	}
	l.add(catalog.Anomaly, 0, "series 0", "email") // again
	if got, want := len(l.sets[catalog.Anomaly.Family]), 2*catalog.LabelSeries.Limit; got != want {
		t.Errorf("%d label sets, want %d", got, want)
	}
	if got := l.leftOut[catalog.Anomaly.Name]; got != 14 {
		t.Errorf("%d label sets are left out, want 14", got)
	}
	l.add(catalog.ExperimentPValue, 0.5, "x", "a", "open")
	if len(l.sets[catalog.ExperimentPValue.Family]) != 1 {
		t.Error("another family is limited, too")
	}
}

// What stands for no value does not count against the limit of a label.
func TestLimitsOfValues(t *testing.T) {
	l := newLimited()
	for _, arm := range []string{"", catalog.Unknown, catalog.Other} {
		l.add(catalog.ExperimentSRM, 1, "x", arm, "")
	}
	for i := range catalog.LabelVariant.Limit {
		l.add(catalog.ExperimentPValue, 0.5, "x", fmt.Sprint("arm ", i), "open")
	}
	if len(l.leftOut) > 0 {
		t.Errorf("left out: %v", l.leftOut)
	}
}

// Every bound of a band and of a forecast is exposed, and is one that the catalogue lists.
func TestBoundsAreExposed(t *testing.T) {
	s := serve(t, Options{Prometheus: newFake(t, replyNothing).URL})
	ok := query.Status{State: query.OK}
	s.anomalies.ask = func(context.Context) (anomaly.Report, query.Status) {
		w := anomaly.Watched{Series: "volume", Channel: "email", Expected: new(2.0), Lower: new(1.0), Upper: new(3.0)}
		return anomaly.Report{Status: ok, Series: []anomaly.Watched{w}}, ok
	}
	s.forecasts.ask = func(context.Context) (forecast.Report, query.Status) {
		ahead := []forecast.Ahead{{Horizon: "1d", Point: forecast.Point{Lo95: 1, Lo80: 2, Mean: 3, Hi80: 4, Hi95: 5}}}
		w := forecast.Watched{Series: "volume", Channel: "email", Ahead: ahead}
		return forecast.Report{Status: ok, Series: []forecast.Watched{w}}, ok
	}
	s.Refresh(t.Context())
	text := s.scraped(t)
	for family, bounds := range map[string]int{catalog.Expected.Name: 3, catalog.Forecast.Name: 5} {
		found := regexp.MustCompile(family+`\{bound="(\w+)"`).FindAllStringSubmatch(text, -1)
		if len(found) != bounds {
			t.Errorf("%s has the bounds %v, want %d", family, found, bounds)
		}
		for _, f := range found {
			if !slices.Contains(catalog.LabelBound.Values, f[1]) {
				t.Errorf("%s: the catalogue lacks the bound %s", family, f[1])
			}
		}
	}
}

// A request's body is not read.
func TestNoBody(t *testing.T) {
	s := serve(t, Options{Prometheus: newFake(t, replyNothing).URL})
	sent := &counting{Reader: strings.NewReader(strings.Repeat("x", 1<<20))}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/v1/health", sent))
	if w.Code != http.StatusMethodNotAllowed || sent.n > 1<<10 {
		t.Errorf("status %d after reading %d bytes", w.Code, sent.n)
	}
}

type counting struct {
	io.Reader
	n int
}

// Read implements io.Reader.
func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}
