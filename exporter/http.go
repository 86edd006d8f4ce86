package exporter

import (
	"fmt"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// maxScrapes is how many scrapes are answered at once; more get status 503.
const maxScrapes = 16

// Handler serves /metrics, /-/healthy, /-/ready, /-/reload, /debug/pprof/ and a
// page that says how the partitions are.
func (e *Exporter) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", e.serveLanding)
	// Created timestamps stay out of OpenMetrics text: a Prometheus with its
	// default settings would store each as a series of its own.
	mux.Handle("GET /metrics", promhttp.HandlerFor(e, promhttp.HandlerOpts{
		EnableOpenMetrics: true, MaxRequestsInFlight: maxScrapes, Registry: e.self.registry,
	}))
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "healthy") })
	mux.HandleFunc("GET /-/ready", e.serveReady)
	mux.HandleFunc("POST /-/reload", e.serveReload)
	mux.HandleFunc("PUT /-/reload", e.serveReload)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

func (e *Exporter) serveReady(w http.ResponseWriter, _ *http.Request) {
	if ready, why := e.Ready(); !ready {
		http.Error(w, "not ready\n"+why, http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
