// Package promapi makes clients of Prometheus's HTTP API.
//
// [New] returns the API of client_golang, with its types for queries and results.
// This package adds limits for the time and size of answers, and errors that say
// where the fault is and what to do: if the server cannot be reached or requires
// credentials, if the address is not that of a Prometheus, or if an answer is
// truncated.
//
//	client, err := promapi.HTTPClient("http.yaml")
//	…
//	api, err := promapi.New("http://127.0.0.1:9090", promapi.Options{Client: client})
//	…
//	up, err := promapi.Query[model.Vector](ctx, api, "up", time.Now())
package promapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"belfry/exporter/mask"
)

// The defaults of Options.
const (
	// DefaultTimeout exceeds Prometheus's own limit of two minutes for a query, so
	// that its error arrives.
	DefaultTimeout = 150 * time.Second
	// DefaultMaxBytes allows about eight million samples.
	DefaultMaxBytes = 256 << 20
)

// Options configure a client.
type Options struct {
	// Client sends the requests. If nil, it is http.DefaultClient. [HTTPClient]
	// makes one with credentials.
	Client *http.Client
	// Timeout limits a request with its answer. If 0, it is DefaultTimeout.
	Timeout time.Duration
	// MaxBytes limits the size of an answer. If 0, it is DefaultMaxBytes.
	MaxBytes int64
}

// New returns a client for the Prometheus at an address such as
// http://127.0.0.1:9090, which may have a path prefix. It sends no request. The
// client is safe for concurrent use.
func New(address string, o Options) (v1.API, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("invalid Prometheus address %q: use a URL such as http://127.0.0.1:9090",
			mask.Address(address))
	}
	c := &client{
		server:   "Prometheus at " + mask.Address(address),
		timeout:  cmp.Or(o.Timeout, DefaultTimeout),
		maxBytes: cmp.Or(o.MaxBytes, DefaultMaxBytes),
	}
	own := *cmp.Or(o.Client, http.DefaultClient)
	own.Transport = limiter{cmp.Or(own.Transport, http.DefaultTransport), c.maxBytes}
	if c.Client, err = api.NewClient(api.Config{Address: address, Client: &own}); err != nil {
		return nil, err
	}
	return v1.NewAPI(c), nil
}

// HTTPClient returns the HTTP client that a file configures in Prometheus's format,
// with basic_auth, authorization, tls_config, http_headers and so on. Paths in the
// file are relative to its directory. If file is "", the client has no credentials.
func HTTPClient(file string) (*http.Client, error) {
	if file == "" {
		return &http.Client{}, nil
	}
	settings, _, err := config.LoadHTTPConfigFile(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, mask.Values(err))
	}
	made, err := config.NewClientFromConfig(*settings, "belfry")
	if err != nil {
		return nil, fmt.Errorf("use %s: %w", file, mask.Values(err))
	}
	return made, nil
}

// Query evaluates an expression at a time, or at the server's current time if at is
// zero. T is the type of the result: model.Vector, *model.Scalar, or model.Matrix
// for the raw samples of a range selector.
func Query[T model.Value](ctx context.Context, a v1.API, promQL string, at time.Time) (T, error) {
	value, _, _, err := a.Query(ctx, promQL, at)
	result, ok := value.(T)
	if err == nil && !ok {
		err = fmt.Errorf("query %s: the result is a %T, not a %T", promQL, value, result)
	}
	return result, err
}

// QueryRange evaluates an expression at every step of a range.
func QueryRange(ctx context.Context, a v1.API, promQL string, r v1.Range) (model.Matrix, error) {
	value, _, _, err := a.QueryRange(ctx, promQL, r)
	result, ok := value.(model.Matrix)
	if err == nil && !ok {
		err = fmt.Errorf("query %s over a range: the result is a %T, not a matrix", promQL, value)
	}
	return result, err
}

// limiter limits the size of answers.
type limiter struct {
	http.RoundTripper
	maxBytes int64
}

// RoundTrip implements http.RoundTripper.
func (l limiter) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := l.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, l.maxBytes)
	}
	return response, err
}

// client makes the errors of requests explain the fault.
type client struct {
	api.Client
	server   string // as errors name it
	timeout  time.Duration
	maxBytes int64
}

// Do sends a request and reads the answer. On an error it also returns the response
// if there is one, because the API retries some requests by its status.
func (c *client) Do(ctx context.Context, request *http.Request) (*http.Response, []byte, error) {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	response, body, err := c.Client.Do(bounded, request)
	switch {
	case ctx.Err() != nil:
		return response, nil, ctx.Err()
	case err != nil:
		return response, nil, c.explain(response, err)
	}
	return response, body, c.check(response, body)
}
