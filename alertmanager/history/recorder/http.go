package recorder

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"belfry/rules"
)

// errNotRead says that the recorder does not know the past yet.
var errNotRead = errors.New("the history of alerts is not read yet")

// Handler serves /metrics, POST /webhook for Alertmanager, the runbooks below
// /runbooks/, liveness and readiness, and a page that says how the recorder is.
func (r *Recorder) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", r.serveLanding)
	mux.Handle("GET /metrics", promhttp.HandlerFor(r.self.registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("POST /webhook", r.serveWebhook)
	mux.Handle("GET /runbooks/", http.StripPrefix("/runbooks/", runbooks()))
	for _, path := range []string{"/-/healthy", "/healthz"} { // as Prometheus calls it, and Kubernetes
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "healthy") })
	}
	for _, path := range []string{"/-/ready", "/readyz"} {
		mux.HandleFunc("GET "+path, r.serveReady)
	}
	return mux
}

// runbooks serves what alerts link to as text, which every browser shows.
func runbooks() http.Handler {
	files := http.FileServerFS(rules.Runbooks())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".md") {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		}
		files.ServeHTTP(w, r)
	})
}

func (r *Recorder) serveReady(w http.ResponseWriter, _ *http.Request) {
	if r.journal.Load() == nil {
		http.Error(w, "not ready\n"+errNotRead.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

var landing = template.Must(template.New("landing").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Belfry alerts</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem; color: #222; }
h1 { font-weight: 600; } li { margin: .3rem 0; }
.wrong { color: #a1000c; font-weight: 600; }
@media (prefers-color-scheme: dark) { body { background: #16191d; color: #dde; } a { color: #8ab4f8; } .wrong { color: #ff8a80; } }
</style>
</head>
<body>
<h1>Belfry alerts</h1>
<p>Remembers what becomes of each alert, and who looks after it.</p>
<p>{{if .Connected}}Connected to NATS.{{else}}<span class="wrong">Not connected to NATS; trying.</span>{{end}}
{{if .Read}}Firing: {{.Open}}, acknowledged: {{.Acknowledged}}; <code>belfry alerts list</code> shows them.{{else}}<span class="wrong">The history is not read yet.</span>{{end}}</p>
<h2>Elsewhere</h2>
<ul>
<li><a href="metrics">Metrics</a> for Prometheus</li>
<li><a href="runbooks/">Runbooks</a>: what to do about each alert</li>
<li><a href="-/ready">Ready</a>: whether the history is read</li>
<li><a href="-/healthy">Healthy</a>: whether the process is alive</li>
<li><code>POST webhook</code>: for Alertmanager, as a receiver beside the people</li>
</ul>
</body>
</html>
`))

func (r *Recorder) serveLanding(w http.ResponseWriter, _ *http.Request) {
	data := struct {
		Connected, Read    bool
		Open, Acknowledged int
	}{Connected: r.o.Status.Connected()}
	if j := r.journal.Load(); j != nil {
		data.Read = true
		for _, a := range open(j) {
			data.Open++
			if a.AcknowledgedAt(r.o.now()) {
				data.Acknowledged++
			}
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := landing.Execute(w, data); err != nil {
		r.o.Log.Debug("landing page", "err", err) // the reader is gone
	}
}
