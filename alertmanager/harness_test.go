package alertmanager

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/deploy/stack"
	"belfry/rules"
)

// The real Alertmanager with the shipped tree and a web server in place of
// people: a fault pages within seconds, in a group of its own, what follows from
// a dead exporter does not, and the end is told.
func TestRealAlertmanager(t *testing.T) {
	people := newPeople(t)
	server := start(t, render(t, Webhooks(people.URL)))

	exporter := alert(rules.ExporterDown, "job", "eu", "instance", "a:9095")
	other := alert(rules.ExporterDown, "job", "eu", "instance", "b:9095")
	ses := alert(rules.ProviderDown, "job", "us", "channel", "email", "provider", "ses")
	twilio := alert(rules.ProviderDown, "job", "us", "channel", "sms", "provider", "twilio")
	hidden := alert(rules.ChannelDown, "job", "eu", "channel", "push")
	began := time.Now()
	server.fire(t, exporter, other, ses, twilio, hidden, alert(rules.Watchdog))

	t.Run("the watchdog goes to its switch at once", func(t *testing.T) {
		got := people.next(t, "/watchdog")
		want := message{Status: "firing", Alerts: []labels{{"alertname": rules.Watchdog.Name, "severity": "info"}}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})

	t.Run("each fault is one page and one message in chat", func(t *testing.T) {
		want := []message{
			{"firing", []labels{exporter, other}},
			{"firing", []labels{ses}},
			{"firing", []labels{twilio}},
		}
		for _, path := range []string{"/pager", "/chat"} {
			if diff := cmp.Diff(want, people.sorted(t, path, len(want))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
		if took := time.Since(began); took < 4*time.Second || took > 15*time.Second {
			t.Errorf("pages took %s, want the group's wait of 5 s", took)
		}
	})

	// hidden came with the alerts above and would have been paged with them.
	t.Run("what is computed from a dead exporter is inhibited", func(t *testing.T) {
		if by := server.inhibitedBy(t, hidden); by == 0 {
			t.Errorf("%v is not inhibited", hidden)
		}
		if by := server.inhibitedBy(t, ses); by != 0 {
			t.Errorf("%v of another job is inhibited", ses)
		}
	})

	t.Run("the end is told", func(t *testing.T) {
		server.resolve(t, ses)
		for _, path := range []string{"/pager", "/chat"} {
			want := message{"resolved", []labels{ses}}
			if diff := cmp.Diff(want, people.next(t, path)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
			if more := len(people.told[path]); more != 0 {
				t.Errorf("%d more messages were sent to %s", more, path)
			}
		}
	})
}

// The generated file starts as it is, before any secret is in place.
func TestShippedConfigurationStarts(t *testing.T) {
	start(t, render(t, Shipped()))
}

type labels map[string]string

// alert has the labels of a rule's alert with those of its series.
func alert(a rules.Alert, pairs ...string) labels {
	l := labels{"alertname": a.Name, "severity": string(a.Severity)}
	for i := 0; i < len(pairs); i += 2 {
		l[pairs[i]] = pairs[i+1]
	}
	return l
}

// message is what a receiver was told: the labels of a group's alerts.
type message struct {
	Status string
	Alerts []labels
}

// people stands for everybody who is told, by the path of the receiver.
type people struct {
	*httptest.Server
	told map[string]chan message
}

func newPeople(t *testing.T) *people {
	p := &people{told: map[string]chan message{}}
	for _, path := range []string{"/pager", "/chat", "/digest", "/watchdog"} {
		p.told[path] = make(chan message, 100)
	}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct {
			Status string
			Alerts []struct{ Labels labels }
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Errorf("%s was sent no JSON: %v", r.URL.Path, err)
		}
		m := message{Status: body.Status}
		for _, a := range body.Alerts {
			m.Alerts = append(m.Alerts, a.Labels)
		}
		p.told[r.URL.Path] <- m
	}))
	t.Cleanup(p.Close)
	return p
}

// next awaits the next message to a receiver.
func (p *people) next(t *testing.T, path string) message {
	t.Helper()
	select {
	case m := <-p.told[path]:
		return m
	case <-time.After(30 * time.Second):
		t.Fatalf("nothing was sent to %s", path)
		return message{}
	}
}

// sorted awaits n messages and orders them by alert and channel.
func (p *people) sorted(t *testing.T, path string, n int) []message {
	t.Helper()
	var got []message
	for range n {
		got = append(got, p.next(t, path))
	}
	key := func(m message) string { return m.Alerts[0]["alertname"] + m.Alerts[0]["channel"] }
	slices.SortFunc(got, func(a, b message) int { return strings.Compare(key(a), key(b)) })
	return got
}

// server is a running Alertmanager.
type server struct{ *stack.Server }

func start(t *testing.T, config string) server {
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
		Binary: programs[stack.Alertmanager], ConfigFile: write(t, config),
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

func (s server) fire(t *testing.T, alerts ...labels) {
	t.Helper()
	s.post(t, time.Now().Add(time.Hour), alerts)
}

func (s server) resolve(t *testing.T, alerts ...labels) {
	t.Helper()
	s.post(t, time.Now(), alerts)
}

func (s server) post(t *testing.T, ends time.Time, alerts []labels) {
	t.Helper()
	type posted struct {
		Labels labels    `json:"labels"`
		EndsAt time.Time `json:"endsAt"`
	}
	var all []posted
	for _, l := range alerts {
		all = append(all, posted{l, ends})
	}
	body, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(s.URL+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("alerts were refused: %s", response.Status)
	}
}

// inhibitedBy is the number of alerts that inhibit the one with the labels.
func (s server) inhibitedBy(t *testing.T, wanted labels) int {
	t.Helper()
	response, err := http.Get(s.URL + "/api/v2/alerts")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var alerts []struct {
		Labels labels
		Status struct{ InhibitedBy []string }
	}
	if err := json.NewDecoder(response.Body).Decode(&alerts); err != nil {
		t.Fatal(err)
	}
	for _, a := range alerts {
		if cmp.Equal(a.Labels, wanted) {
			return len(a.Status.InhibitedBy)
		}
	}
	t.Fatalf("Alertmanager has no alert %v", wanted)
	return 0
}
