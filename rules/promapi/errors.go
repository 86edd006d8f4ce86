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

// explain says why there is no whole answer. The response is nil where there is
// none at all.
func (c *client) explain(response *http.Response, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which c.server has
	}
	var tooLarge *http.MaxBytesError
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s does not answer within %s: ask for less time or fewer series", c.server, c.timeout)
	case errors.As(err, &tooLarge):
		return fmt.Errorf("the answer of %s exceeds %d MiB: ask for less time or fewer series", c.server, c.maxBytes>>20)
	case errors.As(err, &untrusted):
		return fmt.Errorf("%s is not trusted: %w; set tls_config in the HTTP configuration file", c.server, err)
	case response != nil:
		return fmt.Errorf("the answer of %s is cut short: %w; a proxy between may limit its size or time", c.server, err)
	}
	if errors.As(err, new(*net.OpError)) {
		return fmt.Errorf("%s cannot be reached: %w; check that it runs and that the address is right", c.server, err)
	}
	return fmt.Errorf("ask %s: %w", c.server, err)
}

// judge returns nil for an answer that the API can decode. Prometheus's own
// errors are worded here as well, since the API drops the text of some.
func (c *client) judge(response *http.Response, body []byte) error {
	var answer struct{ Status, Error string }
	ok := response.StatusCode/100 == 2
	if ok && (response.StatusCode == http.StatusNoContent || succeeded.Match(body[:min(len(body), 100)])) {
		if !bytes.HasSuffix(bytes.TrimSpace(body), []byte("}")) && len(body) > 0 {
			return fmt.Errorf("the answer of %s is cut short after %d bytes; a proxy between may limit its size", c.server, len(body))
		}
		return nil
	}
	if json.Unmarshal(body, &answer) == nil && answer.Status != "" {
		if answer.Error == "" && ok {
			return nil
		}
		return fmt.Errorf("%s refuses: %s", c.server, answer.Error)
	}
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return fmt.Errorf("%s answers %s: set basic_auth or authorization in the HTTP configuration file", c.server, response.Status)
	case code >= 500 || code == http.StatusTooManyRequests:
		return fmt.Errorf("%s answers %s: %s", c.server, response.Status, firstLine(body))
	}
	return fmt.Errorf("%s answers %s, and not as Prometheus does: check the address and its path prefix", c.server, response.Status)
}

// succeeded matches the beginning of an answer as Prometheus and its kin write
// it: the status comes first. Others are decoded to find it.
var succeeded = regexp.MustCompile(`^\s*\{\s*"status"\s*:\s*"success"`)

// firstLine quotes the beginning of an answer that is text.
func firstLine(body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(body[:min(len(body), 200)])), "\n")
	return line
}
