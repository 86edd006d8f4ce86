package exporter

import (
	"html/template"
	"net/http"
)

// landing is the page at /: how each partition is, in plain words, and where
// to look next.
var landing = template.Must(template.New("landing").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Belfry exporter</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem; color: #222; }
h1 { font-weight: 600; } li { margin: .3rem 0; }
.wrong { color: #a1000c; font-weight: 600; }
@media (prefers-color-scheme: dark) { body { background: #16191d; color: #dde; } a { color: #8ab4f8; } .wrong { color: #ff8a80; } }
</style>
</head>
<body>
<h1>Belfry exporter</h1>
<p>Exact metrics of a notification platform, folded from its event stream. Version {{.Version}}.</p>
<h2>Partitions</h2>
<p>{{if .Connected}}Connected to NATS.{{else}}<span class="wrong">Not connected to NATS; trying.</span>{{end}}</p>
<ul>
{{range .Partitions}}<li{{if not .OK}} class="wrong"{{end}}>{{.Line}}</li>
{{end}}</ul>
<h2>Elsewhere</h2>
<ul>
<li><a href="metrics">Metrics</a> for Prometheus</li>
<li><a href="-/ready">Ready</a>: whether all partitions show their numbers</li>
<li><a href="-/healthy">Healthy</a>: whether the process is alive</li>
<li><a href="debug/pprof/">Profiles</a></li>
</ul>
</body>
</html>
`))

// partitionLine is one partition on the page.
type partitionLine struct {
	OK   bool
	Line string
}

func (e *Exporter) serveLanding(w http.ResponseWriter, _ *http.Request) {
	version, _, _ := Version()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	err := landing.Execute(w, map[string]any{
		"Version": version, "Connected": e.options.Status.Connected(), "Partitions": e.describe(),
	})
	if err != nil {
		e.log.Debug("landing page", "err", err) // the reader is gone
	}
}
