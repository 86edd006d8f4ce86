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
)

// answerWithin bounds a question, and answerBytes its answer: ten thousand
// alerts have some 10 MB.
const (
	answerWithin = 4 * time.Second
	answerBytes  = 64 << 20
)

// upstream is a server that is asked in each round. Its metrics and its log tell
// whether it answers.
type upstream struct {
	name, url string
	client    *http.Client
	log       *slog.Logger
	failures  prometheus.Counter
	success   prometheus.Gauge
	silent    *bool // since when the log says so
}

func (r *Recorder) upstream(name, url string) upstream {
	return upstream{
		name: name, url: strings.TrimSuffix(url, "/"), client: r.o.Client, log: r.o.Log, silent: new(bool),
		failures: r.self.pollFailures.WithLabelValues(name), success: r.self.pollSuccess.WithLabelValues(name),
	}
}

// ask runs the questions of one round.
func (u *upstream) ask(ctx context.Context, now time.Time, questions func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	err := questions(bounded)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		u.failures.Inc()
		if !*u.silent {
			u.log.Warn(u.name+" does not answer, trying again", "url", u.url, "err", err)
		}
	default:
		u.success.Set(float64(now.UnixMilli()) / 1000)
		if *u.silent {
			u.log.Info(u.name+" answers again", "url", u.url)
		}
	}
	*u.silent = err != nil
	return err
}

// get reads the JSON at a path.
func (u *upstream) get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url+path, nil)
	if err != nil {
		return err
	}
	response, err := u.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body := io.LimitReader(response.Body, answerBytes)
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(body, 200))
		return fmt.Errorf("get %s: %s: %s", u.url+path, response.Status, strings.TrimSpace(string(said)))
	}
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return fmt.Errorf("get %s: %w", u.url+path, err)
	}
	return nil
}
