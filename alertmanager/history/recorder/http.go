package recorder

import (
	"errors"
	"fmt"
	"net/http"

	"belfry/alertmanager/runbook"
	"belfry/exporter/daemon"
)

// errNotRead says that the recorder has not read the history yet.
var errNotRead = errors.New("the history of alerts is not read yet")

// Handler serves the pages of a daemon, POST /webhook for Alertmanager and the
// runbooks below /runbooks/.
func (r *Recorder) Handler() http.Handler {
	pages := daemon.Pages{
		Title:  "Belfry alerts",
		About:  "Records what happens to each alert, and who has acknowledged it.",
		Status: r.status,
		Links: []daemon.Link{
			{Path: "runbooks/", Name: "Runbooks", About: "what to do about each alert"},
			{Name: "POST webhook", About: "for Alertmanager, as a receiver beside those of people"},
		},
		ReadyMeans: "the history is read",
		Metrics:    r.self.gatherer.Handler(r.self.gatherer),
		Ready:      r.ready,
		Log:        r.o.Log,
	}
	mux := pages.Mux()
	mux.HandleFunc("POST /webhook", r.serveWebhook)
	mux.Handle("GET /runbooks/", http.StripPrefix("/runbooks/", runbook.Handler()))
	return mux
}

// ready reports whether the history is read. If not, why says what it waits for.
func (r *Recorder) ready() (ready bool, why string) {
	if r.journal.Load() != nil {
		return true, ""
	}
	why = errNotRead.Error()
	if r.o.Status.Problem() != "" {
		why += "\n" + daemon.Connected(r.o.Status).Text
	}
	return false, why
}

// status returns what the landing page says.
func (r *Recorder) status() []daemon.Line {
	connected := daemon.Connected(r.o.Status)
	j := r.journal.Load()
	if j == nil {
		return []daemon.Line{connected, {Text: "The history is not read yet."}}
	}
	firing, acknowledged := j.Firing(), 0
	for _, a := range firing {
		if a.AcknowledgedAt(r.o.now()) {
			acknowledged++
		}
	}
	text := fmt.Sprintf("Firing: %d, acknowledged: %d; belfry alerts list shows them.", len(firing), acknowledged)
	return []daemon.Line{connected, {OK: true, Text: text}}
}
