package view

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Prometheus is a server that answers Prometheus' HTTP API.
type Prometheus struct {
	URL    string // such as http://127.0.0.1:9090, without a slash at the end
	client http.Client
}

// Series is one series of an answer. Times are in seconds since 1970.
type Series struct {
	Labels map[string]string
	Times  []float64
	Values []float64
}

// Ask puts a query to the server: for an instant or over a range, as the panel
// does.
func (p *Prometheus) Ask(ctx context.Context, q Query) ([]Series, error) {
	form := url.Values{"query": {q.PromQL}}
	path := "/api/v1/query"
	if q.Instant {
		form.Set("time", seconds(q.End))
	} else {
		path = "/api/v1/query_range"
		form.Set("start", seconds(q.Start))
		form.Set("end", seconds(q.End))
		form.Set("step", strconv.FormatFloat(q.Step.Seconds(), 'f', -1, 64))
	}
	var answer struct {
		ResultType string
		Result     json.RawMessage
	}
	if err := p.call(ctx, path, form, &answer); err != nil {
		return nil, fmt.Errorf("ask %s: %w", q.PromQL, err)
	}
	return decode(answer.ResultType, answer.Result)
}

// LabelValues are a label's values among the series of a selector within a
// time range; an empty selector means all series.
func (p *Prometheus) LabelValues(ctx context.Context, label, selector string, from, to time.Time) ([]string, error) {
	form := url.Values{"start": {seconds(from)}, "end": {seconds(to)}}
	if selector != "" {
		form.Set("match[]", selector)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/api/v1/label/"+label+"/values?"+form.Encode(), nil)
	if err != nil {
		return nil, err
	}
	var values []string
	err = p.do(request, &values)
	return values, err
}

func seconds(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }

func (p *Prometheus) call(ctx context.Context, path string, form url.Values, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(request, into)
}

func (p *Prometheus) do(request *http.Request, into any) error {
	response, err := p.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s answered %s: %w", request.URL.Path, response.Status, err)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s: %s", response.Status, answer.Error)
	}
	return json.Unmarshal(answer.Data, into)
}

// point is [time, "value"].
type point struct{ at, value float64 }

func (p *point) UnmarshalJSON(b []byte) error {
	at, value, found := strings.Cut(strings.Trim(string(b), "[]"), ",")
	if !found {
		return fmt.Errorf("%s is no point", b)
	}
	var err error
	if p.at, err = strconv.ParseFloat(strings.TrimSpace(at), 64); err != nil {
		return err
	}
	p.value, err = strconv.ParseFloat(strings.Trim(value, ` "`), 64)
	return err
}

func decode(kind string, raw json.RawMessage) ([]Series, error) {
	switch kind {
	case "scalar":
		var p point
		err := json.Unmarshal(raw, &p)
		return []Series{{Times: []float64{p.at}, Values: []float64{p.value}}}, err
	case "vector", "matrix":
		var list []struct {
			Metric map[string]string
			Value  *point
			Values []point
		}
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
		all := make([]Series, len(list))
		for i, s := range list {
			if s.Value != nil {
				s.Values = []point{*s.Value}
			}
			all[i].Labels = s.Metric
			for _, p := range s.Values {
				all[i].Times, all[i].Values = append(all[i].Times, p.at), append(all[i].Values, p.value)
			}
		}
		return all, nil
	}
	return nil, fmt.Errorf("an answer of the kind %q cannot be drawn", kind)
}
