package exporter

import (
	"net/http"
	"net/http/pprof"

	"belfry/exporter/daemon"
	"belfry/exporter/door"
)

// Handler serves the pages of a daemon, and /debug/pprof/ if the options say so. The
// landing page says how each partition is.
func (e *Exporter) Handler() http.Handler {
	version, _, _ := daemon.Version()
	pages := daemon.Pages{
		Title: "Belfry exporter",
		About: "Exact metrics of a notification platform, folded from its event stream. Version " + version + ".",
		Status: func() []daemon.Line {
			lines := append([]daemon.Line{daemon.Connected(e.options.Status)}, e.describe()...)
			return append(lines, e.mistakes()...)
		},
		ReadyMeans: "all partitions show their numbers and read their streams",
		Metrics:    e.self.gatherer.Handler(e),
		Ready:      e.Ready, Reload: e.ReloadFromSource, Lifecycle: e.options.Lifecycle, Log: e.log,
	}
	if !e.options.Profiles {
		return pages.Mux()
	}
	pages.Links = []daemon.Link{{Path: "debug/pprof/", Name: "Profiles", About: "where time and memory go"}}
	mux := pages.Mux()
	addProfiles(mux)
	return mux
}

// addProfiles adds all profiles but the command line, in which a password may be.
func addProfiles(to *http.ServeMux) {
	for path, profile := range map[string]http.HandlerFunc{
		"": pprof.Index, "profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace,
	} {
		to.Handle("GET /debug/pprof/"+path, door.SameSite(profile))
	}
}
