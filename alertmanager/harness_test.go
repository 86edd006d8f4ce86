package alertmanager

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"belfry/deploy/stack"
	"belfry/rules"
)

type labelSet map[string]string

// alert returns the labels of a rule's alert with those of its series.
func alert(a rules.Alert, pairs ...string) labelSet {
	return with(labelSet{"alertname": a.Name, "severity": string(a.Severity), "team": a.Team, "rule": a.Name}, pairs...)
}

func with(l labelSet, pairs ...string) labelSet {
	out := labelSet{}
	for name, value := range l {
		out[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// message is what a receiver got: the labels of a group's alerts.
type message struct {
	Status string
	Alerts []labelSet
}

// people collects the messages to everybody, by the path of the receiver.
type people struct {
	*httptest.Server
	mu       sync.Mutex
	messages map[string][]message
	read     map[string]int
	changed  chan struct{} // closed, and replaced, with each message
}

func newPeople(t *testing.T) *people {
	p := &people{messages: map[string][]message{}, read: map[string]int{}, changed: make(chan struct{})}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct {
			Status string
			Alerts []struct{ Labels labelSet }
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Errorf("%s was sent no JSON: %v", r.URL.Path, err)
		}
		m := message{Status: body.Status}
		for _, a := range body.Alerts {
			m.Alerts = append(m.Alerts, a.Labels)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.messages[r.URL.Path] = append(p.messages[r.URL.Path], m)
		close(p.changed)
		p.changed = make(chan struct{})
	}))
	t.Cleanup(p.Close)
	return p
}

// await waits until the messages so far satisfy done.
func (p *people) await(t *testing.T, what string, done func(messages map[string][]message) bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		p.mu.Lock()
		ok, changed := done(p.messages), p.changed
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// next awaits the next message to a receiver.
func (p *people) next(t *testing.T, path string) message {
	t.Helper()
	var m message
	p.await(t, "a message to "+path, func(messages map[string][]message) bool {
		if len(messages[path]) == p.read[path] {
			return false
		}
		m = messages[path][p.read[path]]
		p.read[path]++
		return true
	})
	return m
}

// unread returns how many messages to a receiver are left.
func (p *people) unread(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.messages[path]) - p.read[path]
}

// sorted awaits n messages and orders them by alert and channel.
func (p *people) sorted(t *testing.T, path string, n int) []message {
	t.Helper()
	var got []message
	for range n {
		got = append(got, p.next(t, path))
	}
	order := func(m message) string { return m.Alerts[0]["alertname"] + m.Alerts[0]["channel"] }
	slices.SortFunc(got, func(a, b message) int { return strings.Compare(order(a), order(b)) })
	return got
}

// server is a running Alertmanager.
type server struct{ *stack.Server }

func start(t *testing.T, configFile string) server {
	t.Helper()
	programs, err := stack.Ensure(t.Context(), "", t.Output(), stack.Alertmanager)
	if err != nil {
		t.Fatal(err)
	}
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s, err := stack.StartAlertmanager(t.Context(), stack.Options{
		Binary: programs[stack.Alertmanager], ConfigFile: configFile,
		DataDir: filepath.Join(dir, "data"), Port: port, LogFile: filepath.Join(dir, "log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server{s}
}

// sooner divides the times of the routes, so that a test need not wait for them.
func sooner(t *testing.T, config string, times int, which ...string) string {
	t.Helper()
	line := regexp.MustCompile(`(` + strings.Join(which, "|") + `): (\w+)`)
	return line.ReplaceAllStringFunc(config, func(found string) string {
		parts := line.FindStringSubmatch(found)
		d, err := model.ParseDuration(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		if d > 0 {
			d = max(d/model.Duration(times), model.Duration(time.Millisecond))
		}
		return parts[1] + ": " + d.String()
	})
}

// posted is an alert as Prometheus sends it.
type posted struct {
	Labels      labelSet  `json:"labels"`
	Annotations labelSet  `json:"annotations,omitempty"`
	StartsAt    time.Time `json:"startsAt,omitzero"`
	EndsAt      time.Time `json:"endsAt,omitzero"`
}

func (s server) fire(t *testing.T, alerts ...labelSet) {
	t.Helper()
	s.until(t, time.Now().Add(time.Hour), alerts)
}

func (s server) resolve(t *testing.T, alerts ...labelSet) {
	t.Helper()
	s.until(t, time.Now(), alerts)
}

func (s server) until(t *testing.T, ends time.Time, alerts []labelSet) {
	t.Helper()
	var all []posted
	for _, l := range alerts {
		all = append(all, posted{Labels: l, EndsAt: ends})
	}
	s.post(t, all...)
}

func (s server) post(t *testing.T, alerts ...posted) {
	t.Helper()
	s.call(t, http.MethodPost, "/api/v2/alerts", alerts, nil)
}

// silence silences alerts with the label until the returned function is called.
func (s server) silence(t *testing.T, name, value string) (end func()) {
	t.Helper()
	var made struct{ SilenceID string }
	s.call(t, http.MethodPost, "/api/v2/silences", map[string]any{
		"matchers": []any{map[string]any{"name": name, "value": value, "isRegex": false, "isEqual": true}},
		"startsAt": time.Now(), "endsAt": time.Now().Add(time.Hour), "createdBy": "on-call", "comment": "known",
	}, &made)
	return func() { s.call(t, http.MethodDelete, "/api/v2/silence/"+made.SilenceID, nil, nil) }
}

func (s server) call(t *testing.T, method, path string, body, into any) {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s %v", method, path, response.Status, answer, err)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
}

// known is an alert in the API of Alertmanager.
type known struct {
	Labels      labelSet
	Fingerprint string
	Receivers   []struct{ Name string }
	Status      struct {
		State       string
		InhibitedBy []string
		SilencedBy  []string
		MutedBy     []string
	}
}

// group is a set of alerts that notify one receiver together.
type group struct {
	Receiver struct{ Name string }
	Alerts   []known
}

func (s server) alerts(t *testing.T) []known {
	t.Helper()
	var all []known
	s.call(t, http.MethodGet, "/api/v2/alerts", nil, &all)
	return all
}

func (s server) groups(t *testing.T) []group {
	t.Helper()
	var all []group
	s.call(t, http.MethodGet, "/api/v2/alerts/groups", nil, &all)
	return all
}

// eventually asks again until there is no complaint. Alertmanager decides when it
// evaluates alerts, and does not report that.
func eventually(t *testing.T, complaint func() string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		what := complaint()
		if what == "" {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal(what)
		}
	}
}
