package scrape

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"

	"belfry/exporter/door"
)

const (
	// writeTime bounds how long a scraper may take to read its response, which is as
	// long as scrapes take at most by Prometheus's default.
	writeTime = 10 * time.Second
	// writersAtOnce bounds the expositions that slow scrapers keep in memory.
	writersAtOnce = 4
)

// handler answers scrapes. It encodes an exposition before it writes the first byte,
// one at a time, and scrapers that wait for the same one share it. So the number of
// scrapers and their speed decide neither how often it gathers nor how much it keeps.
type handler struct {
	encoder http.Handler
	writers door.Latest

	encoding chan struct{} // full while one is encoded
	sizes    map[kind]int  // of the last ones in bytes; of who encodes
	mu       sync.Mutex
	next     map[kind]*exposition // those that have not begun
}

// kind says how an exposition is encoded.
type kind struct {
	format expfmt.Format
	gzip   bool
}

// exposition is an encoded response. It implements http.ResponseWriter.
type exposition struct {
	requests []door.Request // that it answers
	done     chan struct{}  // closed at its end
	leave    []func()       // of the requests

	header http.Header
	status int
	body   bytes.Buffer
}

// Handler returns the handler of /metrics. Each response shows what was gathered after
// its request came.
func (g *Gatherer) Handler(gather prometheus.Gatherer) http.Handler {
	// Created timestamps stay out of OpenMetrics text: a Prometheus with its default
	// settings would store each as a series of its own.
	encoder := promhttp.HandlerFor(gather, promhttp.HandlerOpts{
		EnableOpenMetrics: true, Registry: g.registry,
		ErrorHandling: promhttp.ContinueOnError, ErrorLog: failures{g.log},
	})
	return &handler{
		encoder: encoder, writers: door.Latest{Limit: writersAtOnce},
		encoding: make(chan struct{}, 1), sizes: map[kind]int{}, next: map[kind]*exposition{},
	}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	k := kind{format, acceptsGzip(r.Header)}
	x, place := h.join(k, door.Request{W: w, R: r})
	if place == 0 {
		h.encode(k, x)
	}
	<-x.done
	defer x.leave[place]()
	for name, values := range x.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(x.body.Len()))
	w.WriteHeader(x.status)
	_, _ = w.Write(x.body.Bytes()) // the client may be gone
}

// join returns an exposition that has not begun, and the request's place in it. The first
// request has to encode it.
func (h *handler) join(k kind, r door.Request) (x *exposition, place int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if x = h.next[k]; x == nil {
		x = &exposition{done: make(chan struct{}), header: http.Header{}, status: http.StatusOK}
		h.next[k] = x
	}
	x.requests = append(x.requests, r)
	return x, len(x.requests) - 1
}

// encode encodes an exposition when there is room for it, and lets its requests enter
// before another one can be encoded.
func (h *handler) encode(k kind, x *exposition) {
	h.encoding <- struct{}{}
	defer func() { <-h.encoding }()
	defer close(x.done)
	h.writers.Await()
	h.mu.Lock()
	delete(h.next, k)
	h.mu.Unlock()
	request := &http.Request{Method: http.MethodGet, Header: http.Header{"Accept": {string(k.format)}}}
	if k.gzip {
		request.Header.Set("Accept-Encoding", "gzip")
	}
	x.body.Grow(h.sizes[k]) // a buffer that doubles leaves three times as much behind
	h.encoder.ServeHTTP(x, request)
	h.sizes[k] = x.body.Len() + x.body.Len()/16
	x.leave = h.writers.Enter(writeTime, x.requests...)
}

func (x *exposition) Header() http.Header { return x.header }

func (x *exposition) WriteHeader(status int) { x.status = status }

func (x *exposition) Write(p []byte) (int, error) { return x.body.Write(p) }

// acceptsGzip reports whether the client names gzip, and not to refuse it.
func acceptsGzip(header http.Header) bool {
	for _, value := range header.Values("Accept-Encoding") {
		for coding := range strings.SplitSeq(value, ",") {
			name, quality, _ := strings.Cut(strings.ReplaceAll(coding, " ", ""), ";")
			isRefused := quality != "" && strings.Trim(quality, "q=0.") == ""
			if strings.EqualFold(name, "gzip") && !isRefused {
				return true
			}
		}
	}
	return false
}
