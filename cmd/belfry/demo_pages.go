package main

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"belfry/alertmanager"
	"belfry/exporter/catalog"
	"belfry/exporter/glyph"
	"belfry/rules/settings"
)

// page holds one alert of a notification from Alertmanager.
type page struct {
	Receiver    string
	Status      string // firing or resolved
	Labels      map[string]string
	Annotations map[string]string
	Fingerprint string
	at          time.Time // when the notification arrived
}

func (p page) name() string { return p.Labels["alertname"] }

// pageSink is the webhook that stands for pager, chat and digest. It prints each
// page, and callers can wait for one.
type pageSink struct {
	say     func(format string, args ...any)
	natsURL string // has the history of alerts

	mu      sync.Mutex
	pages   []page
	changed chan struct{} // closed, and replaced, with each page
}

func newPageSink(say func(string, ...any), natsURL string) *pageSink {
	return &pageSink{say: say, natsURL: natsURL, changed: make(chan struct{})}
}

// acknowledge returns the command that acknowledges the alert of a page, as the messages
// to people name it, or "" if there is nothing to acknowledge.
func (s *pageSink) acknowledge(p page) string {
	if p.Status != "firing" || p.Fingerprint == "" {
		return ""
	}
	severity := settings.Severity(p.Labels[catalog.LabelSeverity.Name])
	return alertmanager.Acknowledge(p.Fingerprint, p.name(), severity, settings.Site{NATS: s.natsURL})
}

// ServeHTTP receives a notification, whose path names the receiver, and shows what
// came to a browser.
func (s *pageSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		s.show(w)
		return
	}
	var message struct {
		Status string
		Alerts []page
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPageBytes)).Decode(&message); err != nil {
		http.Error(w, fmt.Sprintf("not a notification of Alertmanager: %v", err), http.StatusBadRequest)
		return
	}
	receiver := strings.TrimPrefix(r.URL.Path, "/")
	for _, p := range message.Alerts {
		p.Receiver, p.at = receiver, time.Now()
		s.add(p)
	}
}

// maxPageBytes bounds a notification: a storm of thousands of alerts.
const maxPageBytes = 16 << 20

// shownPages limits how many pages are shown, the newest first.
const shownPages = 200

// show writes the pages so far as HTML.
func (s *pageSink) show(w http.ResponseWriter) {
	s.mu.Lock()
	pages := slices.Clone(s.pages)
	s.mu.Unlock()
	slices.Reverse(pages)
	var shown []shownPage
	for _, p := range pages[:min(len(pages), shownPages)] {
		shown = append(shown, shownPage{p, s.acknowledge(p)})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := pagesPage.Execute(glyph.NewWriter(w), shown); err != nil {
		s.say("pages: %v", err) // the client is gone
	}
}

// shownPage is a page with the command that acknowledges it.
type shownPage struct {
	page
	Acknowledge string
}

var pagesPage = template.Must(template.New("pages").Funcs(template.FuncMap{
	"at":    func(p shownPage) string { return p.at.Format("15:04:05") },
	"alert": func(p shownPage) string { return p.name() },
}).Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>Pages of the demo</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; }
td, th { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; }
</style>
</head>
<body>
<h1>Pages of the demo</h1>
{{if .}}<table>
<tr><th>Time</th><th>To</th><th>Status</th><th>Alert</th><th>Summary</th></tr>
{{range .}}<tr><td>{{at .}}</td><td>{{.Receiver}}</td><td>{{.Status}}</td><td>{{alert .}}</td>
<td>{{.Annotations.summary}}{{if .Annotations.runbook_url}}
<a href="{{.Annotations.runbook_url}}">runbook</a>{{end}}{{if eq .Status "firing"}}{{with .Annotations.description}}
<br>{{.}}{{end}}{{with .Annotations.first_step}}
<br>First: {{.}}{{end}}{{end}}{{with .Acknowledge}}
<br>Acknowledge: <code>{{.}}</code>{{end}}</td></tr>
{{end}}</table>{{else}}<p>Nothing came yet. Alertmanager posts here what it would send to people.</p>{{end}}
</body>
</html>
`))

func (s *pageSink) add(p page) {
	if p.Receiver != "watchdog" {
		s.say("%-9s %-8s %s: %s", strings.ToUpper(p.Status), p.Receiver, p.name(), p.Annotations["summary"])
		if command := s.acknowledge(p); command != "" && p.Receiver == "pager" {
			s.say("          %s", command)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages = append(s.pages, p)
	close(s.changed)
	s.changed = make(chan struct{})
}

// find returns the first page that matches, or else a channel that is closed when
// the next page arrives.
func (s *pageSink) find(matches func(page) bool) (page, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pages {
		if matches(p) {
			return p, nil
		}
	}
	return page{}, s.changed
}
