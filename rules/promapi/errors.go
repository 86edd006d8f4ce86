package promapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// The kinds of faults of a server, for callers that tell them apart with errors.Is.
// Errors of other kinds, such as Prometheus's own about a query, match none.
var (
	// ErrUnreachable means that nothing answers at the address.
	ErrUnreachable = errors.New("cannot be reached")
	// ErrSlow means that the answer did not come within the timeout.
	ErrSlow = errors.New("does not answer in time")
	// ErrTooLarge means that the answer exceeds the limit.
	ErrTooLarge = errors.New("answer too large")
	// ErrTruncated means that the answer ends before its end.
	ErrTruncated = errors.New("truncated answer")
)

// fault is an error with a kind, which its text does not repeat.
type fault struct {
	error
	kind error
}

// Unwrap lets errors.Is and errors.As see both.
func (f fault) Unwrap() []error { return []error{f.error, f.kind} }

// explain returns the error for an incomplete answer. The response is nil if there
// is no answer at all.
func (c *client) explain(response *http.Response, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which c.server has
	}
	var tooLarge *http.MaxBytesError
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fault{fmt.Errorf("%s does not answer within %s: ask for less time or fewer series", c.server,
			c.timeout), ErrSlow}
	case errors.As(err, &tooLarge):
		return fault{fmt.Errorf("the answer of %s exceeds %d MiB: ask for less time or fewer series", c.server,
			c.maxBytes>>20), ErrTooLarge}
	case errors.As(err, &untrusted):
		return fmt.Errorf("%s is not trusted: %w: set tls_config in the HTTP configuration file", c.server, err)
	case response != nil:
		return fault{fmt.Errorf("truncated answer of %s: %w: check the limits of proxies in between", c.server, err),
			ErrTruncated}
	}
	if errors.As(err, new(*net.OpError)) {
		return fault{fmt.Errorf("%s cannot be reached: %w: check that it is running and that the address is right",
			c.server, err), ErrUnreachable}
	}
	return fmt.Errorf("ask %s: %w", c.server, err)
}

// check returns nil for an answer that the API can decode. It also returns
// Prometheus's own errors, since the API drops the text of some.
func (c *client) check(response *http.Response, body []byte) error {
	var answer struct{ Status, Error string }
	ok := response.StatusCode/100 == 2
	if ok && (response.StatusCode == http.StatusNoContent || succeeded.Match(body[:min(len(body), 100)])) {
		if !bytes.HasSuffix(bytes.TrimSpace(body), []byte("}")) && len(body) > 0 {
			return fault{fmt.Errorf("truncated answer of %s: it ends after %d bytes: check the limits of proxies "+
				"in between", c.server, len(body)), ErrTruncated}
		}
		return nil
	}
	if json.Unmarshal(body, &answer) == nil && answer.Status != "" {
		if answer.Error == "" && ok {
			return nil
		}
		return fmt.Errorf("%s: %s", c.server, answer.Error)
	}
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return fmt.Errorf("%s answers %s: set basic_auth or authorization in the HTTP configuration file", c.server,
			response.Status)
	case code >= 500 || code == http.StatusTooManyRequests:
		return fmt.Errorf("%s answers %s: %s", c.server, response.Status, firstLine(body))
	}
	return fmt.Errorf("%s answers %s, which is not an answer of Prometheus: check the address and its path prefix",
		c.server, response.Status)
}

// succeeded matches the beginning of an answer. Prometheus and compatible servers
// write the status first. In other answers it is found by decoding.
var succeeded = regexp.MustCompile(`^\s*\{\s*"status"\s*:\s*"success"`)

// firstLine returns the first line of an answer that is text.
func firstLine(body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(body[:min(len(body), 200)])), "\n")
	return line
}
