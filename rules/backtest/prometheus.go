package backtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Prometheus is the history of a server with Prometheus' HTTP API.
type Prometheus struct {
	// URL is its address, without a slash at the end.
	URL string
	// Client asks; nil is the default one.
	Client *http.Client
}

// QueryRange implements History.
func (p Prometheus) QueryRange(ctx context.Context, promQL string, from, to time.Time, step time.Duration) ([]Series, error) {
	var data struct {
		Result []struct {
			Metric map[string]string
			Values [][2]json.RawMessage
		}
	}
	err := p.ask(ctx, "/api/v1/query_range", url.Values{
		"query": {promQL}, "start": {timestamp(from)}, "end": {timestamp(to)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)},
	}, &data)
	if err != nil {
		return nil, err
	}
	var all []Series
	for _, r := range data.Result {
		s := Series{Labels: r.Metric}
		for _, v := range r.Values {
			seconds, err := strconv.ParseFloat(string(v[0]), 64)
			if err != nil {
				return nil, fmt.Errorf("read the answer of %s: %w", p.URL, err)
			}
			s.At = append(s.At, time.UnixMilli(int64(seconds*1000+0.5)).UTC())
		}
		all = append(all, s)
	}
	return all, nil
}

// Has implements History.
func (p Prometheus) Has(ctx context.Context, selector string, from, to time.Time) (bool, error) {
	var series []map[string]string
	err := p.ask(ctx, "/api/v1/series", url.Values{"match[]": {selector}, "start": {timestamp(from)}, "end": {timestamp(to)}, "limit": {"1"}}, &series)
	return len(series) > 0, err
}

func timestamp(t time.Time) string {
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64)
}

// ask posts a question and decodes the data of the answer.
func (p Prometheus) ask(ctx context.Context, path string, form url.Values, data any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := p.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask Prometheus: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", p.URL, err)
	}
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("%s answers %s, which is no answer of Prometheus", p.URL+path, response.Status)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s refuses: %s", p.URL, answer.Error)
	}
	return nil
}
