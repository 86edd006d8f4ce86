package service

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"belfry/exporter/door"
)

// gzipFrom is the size from which an answer is worth compressing: it no longer fits into
// one packet.
const gzipFrom = 1400

const (
	// madeAtOnce bounds the answers that are computed and encoded at the same time, and
	// writtenAtOnce those that clients who read slowly keep in memory. With data, an answer
	// has up to a megabyte.
	madeAtOnce, writtenAtOnce = 32, 16
	// writeTime bounds how long a client may take to read its answer.
	writeTime = 30 * time.Second
)

// answers bounds the memory of answers to GET requests. Make it with newAnswers.
type answers struct {
	places  chan struct{} // holds a value for each answer that is made
	writers door.Latest
}

func newAnswers() *answers {
	return &answers{places: make(chan struct{}, madeAtOnce), writers: door.Latest{Limit: writtenAtOnce}}
}

// encoded answers with an entity tag, so that a client that has the answer already is told
// so, and compressed if the client accepts gzip. It holds an answer in memory while it is
// written.
func (a *answers) encoded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case a.places <- struct{}{}:
		default:
			newProblem(http.StatusServiceUnavailable, "too many requests at once: try again").write(w)
			return
		}
		status, body := a.answer(w, r, next)
		defer a.writers.Enter(writeTime, door.Request{W: w, R: r})[0]()
		w.WriteHeader(status)
		_, _ = w.Write(body) // the client may be gone
	})
}

// answer returns the answer of a handler, and sets its header. It gives back the place.
func (a *answers) answer(w http.ResponseWriter, r *http.Request, next http.Handler) (status int, body []byte) {
	defer func() { <-a.places }()
	held := &held{header: w.Header(), status: http.StatusOK}
	next.ServeHTTP(held, r)
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Add("Vary", "Accept, Accept-Encoding")
	body = held.body.Bytes()
	if held.status == http.StatusOK {
		tag := fmt.Sprintf("W/%q", strconv.FormatUint(xxh3.Hash(body), 36)) // weak: its encodings differ
		header.Set("ETag", tag)
		if header.Get("Cache-Control") == "" {
			header.Set("Cache-Control", "private, no-cache")
		}
		if matches(r.Header.Get("If-None-Match"), tag) {
			header.Del("Content-Type")
			header.Del("Content-Disposition")
			return http.StatusNotModified, nil
		}
	} else {
		header.Set("Cache-Control", "no-store")
		header.Del("Content-Disposition")
	}
	if header.Get("Content-Type") == csvType {
		header.Set("Content-Type", csvType+"; charset=utf-8; header=present")
	}
	if len(body) >= gzipFrom && accepts(r.Header.Get("Accept-Encoding"), "gzip") {
		body = compressed(body)
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	return held.status, body
}

// held is a response that waits to be sent.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (h *held) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *held) WriteHeader(status int) { h.status = status }

// Write implements http.ResponseWriter.
func (h *held) Write(p []byte) (int, error) { return h.body.Write(p) }

func compressed(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// matches reports whether the header If-None-Match has the weak tag.
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimSpace(one)
		if one == tag || one == strings.TrimPrefix(tag, "W/") || one == "*" {
			return true
		}
	}
	return false
}

// accepts reports whether the header Accept-Encoding allows the coding.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) == coding {
			weight, isSet := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
			q, err := strconv.ParseFloat(weight, 64)
			return !isSet || err == nil && q > 0
		}
	}
	return false
}
