package exporter

import (
	"net/http"
	"net/http/pprof"

	"belfry/exporter/daemon"
)

// maxScrapes limits how many scrapes are answered at once; more get status 503.
const maxScrapes = 16

// Handler serves the pages of a daemon and /debug/pprof/. The landing page says
// how each partition is.
func (e *Exporter) Handler() http.Handler {
	version, _, _ := daemon.Version()
	pages := daemon.Pages{
		Title: "Belfry exporter",
		About: "Exact metrics of a notification platform, folded from its event stream. Version " + version + ".",
		Status: func() []daemon.Line {
			return append([]daemon.Line{daemon.Connected(e.options.Status)}, e.describe()...)
		},
		Links:      []daemon.Link{{Path: "debug/pprof/", Name: "Profiles", About: "where time and memory go"}},
		ReadyMeans: "all partitions show their numbers and read their streams",
		Metrics:    e.self.gatherer.Handler(e, maxScrapes),
		Ready:      e.Ready, Reload: e.ReloadFromSource, Log: e.log,
	}
	mux := pages.Mux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
