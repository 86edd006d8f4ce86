package push

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"belfry/exporter/mask"
)

// requestTimeout limits a request. A reload with many rules takes seconds.
const requestTimeout = 30 * time.Second

// ready checks that the server is ready.
func (p Target) ready(ctx context.Context) error {
	status, _, err := p.ask(ctx, http.MethodGet, "/-/ready")
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%s at %s is not ready: it answers %d %s",
			p.Server, mask.Address(p.URL), status, http.StatusText(status))
	}
	return nil
}

// reload makes the server read its configuration again.
func (p Target) reload(ctx context.Context) error {
	status, body, err := p.ask(ctx, http.MethodPost, "/-/reload")
	switch {
	case err != nil:
		return err
	case status == http.StatusForbidden || status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return fmt.Errorf("%s at %s does not accept reloads: %s: start Prometheus with --web.enable-lifecycle",
			p.Server, mask.Address(p.URL), strings.TrimSuffix(body, "."))
	case status != http.StatusOK:
		return fmt.Errorf("%s at %s rejects the files: %s: see its log", p.Server, mask.Address(p.URL), body)
	}
	return nil
}

// unanswered explains why there is no answer.
func (p Target) unanswered(err error) error {
	advice := ""
	if errors.As(err, new(*net.OpError)) {
		advice = ": check that it is running and that the address is right"
	}
	return fmt.Errorf("ask %s: %w%s", p.Server, mask.Error(err), advice)
}

// ask returns the status and the body of an answer.
func (p Target) ask(ctx context.Context, method, path string) (int, string, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, p.URL+path, nil)
	if err != nil {
		return 0, "", fmt.Errorf("ask %s: %w", p.Server, mask.Error(err))
	}
	response, err := cmp.Or(p.Client, http.DefaultClient).Do(request)
	if err != nil {
		return 0, "", p.unanswered(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", fmt.Errorf("ask %s: read the answer of %s: %w", p.Server, mask.Address(p.URL+path), err)
	}
	return response.StatusCode, strings.TrimSpace(string(body)), nil
}
