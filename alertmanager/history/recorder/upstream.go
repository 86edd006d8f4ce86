package recorder

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"belfry/exporter/mask"
)

const (
	// requestTimeout bounds the requests of one poll to one server.
	requestTimeout = 4 * time.Second
	// maxResponseBytes bounds a response; 10,000 alerts take about 10 MB.
	maxResponseBytes = 64 << 20
)

// upstream holds a server that each poll queries. Metrics and log show whether it
// answers.
type upstream struct {
	name, url string
	client    *http.Client
	log       *slog.Logger
	failures  prometheus.Counter
	success   prometheus.Gauge
	isDown    *bool // as logged last
}

func (r *Recorder) upstream(name, url string) upstream {
	return upstream{
		name: name, url: strings.TrimSuffix(url, "/"), client: r.o.Client, log: r.o.Log, isDown: new(bool),
		failures: r.self.pollFailures.WithLabelValues(name), success: r.self.pollSuccess.WithLabelValues(name),
	}
}

// request runs send, which sends the requests of one poll, and notes whether the
// server answered.
func (u *upstream) request(ctx context.Context, now time.Time, send func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	err := send(bounded)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		u.failures.Inc()
		if !*u.isDown {
			u.log.Warn(u.name+" does not answer, trying again", "url", mask.Address(u.url), "err", err)
		}
	default:
		u.success.Set(float64(now.UnixMilli()) / 1000)
		if *u.isDown {
			u.log.Info(u.name+" answers again", "url", mask.Address(u.url))
		}
	}
	*u.isDown = err != nil
	return err
}

// get decodes the JSON document at a path.
func (u *upstream) get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url+path, nil)
	if err != nil {
		return mask.Error(err)
	}
	response, err := u.client.Do(request)
	if err != nil {
		return mask.Error(err)
	}
	defer response.Body.Close()
	body := io.LimitReader(response.Body, maxResponseBytes)
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(body, 200))
		return fmt.Errorf("get %s: %s: %s", mask.Address(u.url+path), response.Status, strings.TrimSpace(string(said)))
	}
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return fmt.Errorf("get %s: %w", mask.Address(u.url+path), err)
	}
	return nil
}
