package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// page holds one alert of a notification from Alertmanager.
type page struct {
	Receiver    string
	Status      string // firing or resolved
	Labels      map[string]string
	Annotations map[string]string
	at          time.Time // when the notification arrived
}

func (p page) name() string { return p.Labels["alertname"] }

// pageSink is the webhook that stands for pager, chat and digest. It prints each
// page, and callers can wait for one.
type pageSink struct {
	say func(format string, args ...any)

	mu      sync.Mutex
	pages   []page
	changed chan struct{} // closed, and replaced, with each page
}

func newPageSink(say func(string, ...any)) *pageSink {
	return &pageSink{say: say, changed: make(chan struct{})}
}

// ServeHTTP receives a notification. The path names the receiver.
func (s *pageSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var message struct {
		Status string
		Alerts []page
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	receiver := strings.TrimPrefix(r.URL.Path, "/")
	for _, p := range message.Alerts {
		p.Receiver, p.at = receiver, time.Now()
		s.add(p)
	}
}

func (s *pageSink) add(p page) {
	if p.Receiver != "watchdog" {
		s.say("%-9s %-8s %s: %s", strings.ToUpper(p.Status), p.Receiver, p.name(), p.Annotations["summary"])
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
