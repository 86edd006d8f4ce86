package daemon

import (
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"

	"belfry/exporter/door"
	"belfry/exporter/glyph"
	"belfry/exporter/mask"
	"belfry/nats"
)

// Pages answers the requests that all daemons answer.
type Pages struct {
	// Home answers /; if it is nil the landing page does, which is at /status otherwise.
	Home http.Handler
	// Title and About introduce the daemon on its landing page.
	Title, About string
	// Status returns what the landing page says of the present state.
	Status func() []Line
	// Links lists the pages that only this daemon has. ReadyMeans completes the
	// sentence "Ready: whether ...".
	Links      []Link
	ReadyMeans string
	Metrics    http.Handler
	// Ready reports whether the daemon is ready; if it is not, why says what it
	// waits for.
	Ready func() (ready bool, why string)
	// Reload loads the configuration again; nil for a daemon that cannot. Requests may
	// only do so with Lifecycle, see [LifecycleFlag].
	Reload    func() error
	Lifecycle bool
	Log       *slog.Logger
}

// Line holds one sentence of the landing page, and whether it reports good news.
type Line struct {
	OK   bool
	Text string
}

// Connected returns the line about the connection to NATS.
func Connected(status *nats.Status) Line {
	if status.Connected() {
		return Line{true, "Connected to NATS."}
	}
	if why := status.Problem(); why != "" {
		return Line{false, "Not connected to NATS; trying: " + why + "; --nats.url sets the address."}
	}
	return Line{false, "Not connected to NATS; trying."}
}

// Link describes another page on the landing page. A page without a Path is not for
// browsers.
type Link struct{ Path, Name, About string }

// Mux returns a handler of /, /status if there is a home, /metrics, /-/healthy and
// /-/ready, which Kubernetes knows as /healthz and /readyz, and /-/reload if there is
// something to reload. Add the other pages of the daemon to it.
func (p *Pages) Mux() *http.ServeMux {
	mux := http.NewServeMux()
	landing := "GET /{$}"
	if p.Home != nil {
		mux.Handle(landing, p.Home)
		landing = "GET /status"
	}
	mux.HandleFunc(landing, p.serveLanding)
	mux.Handle("GET /metrics", p.Metrics)
	for _, path := range []string{"/-/healthy", "/healthz"} {
		mux.HandleFunc("GET "+path, serveHealthy)
	}
	for _, path := range []string{"/-/ready", "/readyz"} {
		mux.HandleFunc("GET "+path, p.serveReady)
	}
	if p.Reload != nil {
		mux.HandleFunc("POST /-/reload", p.serveReload)
		mux.HandleFunc("PUT /-/reload", p.serveReload)
	}
	return mux
}

func serveHealthy(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "healthy") }

func (p *Pages) serveReady(w http.ResponseWriter, _ *http.Request) {
	if ready, why := p.Ready(); !ready {
		http.Error(w, "not ready\n"+mask.Text(glyph.Lines(why)), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

func (p *Pages) serveReload(w http.ResponseWriter, r *http.Request) {
	if !p.Lifecycle {
		http.Error(w, "reload is off: send SIGHUP, or set --web.enable-lifecycle", http.StatusForbidden)
		return
	}
	guard := door.Guard{Open: func() bool { return true }}
	if !guard.Admit(w, r) {
		return
	}
	if err := p.Reload(); err != nil {
		http.Error(w, mask.Text(glyph.Lines(err.Error())), http.StatusBadRequest)
		return
	}
	fmt.Fprintln(w, "reloaded")
}

func (p *Pages) serveLanding(w http.ResponseWriter, _ *http.Request) {
	links := append([]Link{{"metrics", "Metrics", "for Prometheus"}}, p.Links...)
	links = append(links,
		Link{"-/ready", "Ready", "whether " + p.ReadyMeans},
		Link{"-/healthy", "Healthy", "whether the process is alive"})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	err := landingPage.Execute(glyph.NewWriter(w),
		map[string]any{"Title": p.Title, "About": p.About, "Status": p.status(), "Links": links})
	if err != nil {
		p.Log.Debug("landing page", "err", err) // the client is gone
	}
}

// status returns what the landing page says, without passwords.
func (p *Pages) status() []Line {
	lines := slices.Clone(p.Status())
	for i := range lines {
		lines[i].Text = mask.Text(lines[i].Text)
	}
	return lines
}

var landingPage = template.Must(template.New("landing").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem; color: #222; }
h1 { font-weight: 600; } li { margin: .3rem 0; }
.wrong { color: #a1000c; font-weight: 600; }
@media (prefers-color-scheme: dark) {
  body { background: #16191d; color: #dde; } a { color: #8ab4f8; } .wrong { color: #ff8a80; }
}
</style>
</head>
<body>
<h1>{{.Title}}</h1>
<p>{{.About}}</p>
<h2>Status</h2>
<ul>
{{range .Status}}<li{{if not .OK}} class="wrong"{{end}}>{{.Text}}</li>
{{end}}</ul>
<h2>Elsewhere</h2>
<ul>
{{range .Links}}<li>{{if .Path}}<a href="{{.Path}}">{{.Name}}</a>{{else}}<code>{{.Name}}</code>{{end}}: {{.About}}</li>
{{end}}</ul>
</body>
</html>
`))
