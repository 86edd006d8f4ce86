package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"belfry/alertmanager/history"
	"belfry/exporter/catalog"
	"belfry/exporter/mask"
)

// The default URLs of the servers.
const (
	defaultAlertmanager = "http://127.0.0.1:9093"
	defaultPrometheus   = "http://127.0.0.1:9090"
)

// silences creates and ends silences of single alerts.
type silences struct {
	alertmanager string
	client       *http.Client
}

func (k *acknowledgement) silences() (*silences, error) {
	client, err := httpClient(*k.httpConfig)
	return &silences{strings.TrimSuffix(*k.alertmanager, "/"), client}, err
}

// has returns an error unless the alert fires in this Alertmanager: a silence in another
// one quiets nothing.
func (s *silences) has(ctx context.Context, a *history.Alert) error {
	filter := url.QueryEscape(fmt.Sprintf("%s=%q", catalog.LabelAlertName.Name, a.Labels[catalog.LabelAlertName.Name]))
	answer, err := s.request(ctx, http.MethodGet, "/api/v2/alerts?filter="+filter, nil)
	if err != nil {
		return fmt.Errorf("look for the alert in Alertmanager: %w", err)
	}
	var firing []struct {
		Fingerprint string `json:"fingerprint"`
	}
	if err := json.Unmarshal(answer, &firing); err != nil {
		return fmt.Errorf("look for the alert in Alertmanager: %w", err)
	}
	for _, f := range firing {
		if f.Fingerprint == a.Fingerprint {
			return nil
		}
	}
	return fmt.Errorf("%s does not fire in the Alertmanager at %s: name the one that notifies about it with "+
		"--alertmanager.url, or leave out --mute", title(a), mask.Address(s.alertmanager))
}

// create silences exactly one alert, for as long as it is acknowledged.
func (s *silences) create(ctx context.Context, a *history.Alert, k history.Acknowledgement) (id string, err error) {
	type matcher struct {
		Name    string `json:"name"`
		Value   string `json:"value"`
		IsRegex bool   `json:"isRegex"`
		IsEqual bool   `json:"isEqual"`
	}
	var matchers []matcher
	for name, value := range a.Labels {
		matchers = append(matchers, matcher{Name: name, Value: value, IsEqual: true})
	}
	body, err := json.Marshal(map[string]any{
		"matchers": matchers, "startsAt": k.At, "endsAt": k.Until, "createdBy": k.By, "comment": k.Comment,
	})
	if err != nil {
		return "", err
	}
	answer, err := s.request(ctx, http.MethodPost, "/api/v2/silences", body)
	if err != nil {
		return "", fmt.Errorf("create silence in Alertmanager: %w", err)
	}
	var created struct {
		SilenceID string `json:"silenceID"`
	}
	if err := json.Unmarshal(answer, &created); err != nil {
		return "", fmt.Errorf("create silence in Alertmanager: %w", err)
	}
	return created.SilenceID, nil
}

// end expires a silence, unless it has expired already.
func (s *silences) end(ctx context.Context, id string) error {
	answer, err := s.request(ctx, http.MethodGet, "/api/v2/silence/"+url.PathEscape(id), nil)
	var silence struct {
		Status struct {
			State string `json:"state"`
		} `json:"status"`
	}
	if err == nil {
		err = json.Unmarshal(answer, &silence)
	}
	if err == nil && silence.Status.State != "expired" {
		_, err = s.request(ctx, http.MethodDelete, "/api/v2/silence/"+url.PathEscape(id), nil)
	}
	if err != nil {
		return fmt.Errorf("end silence %s in Alertmanager: %w; it lasts until its set end, unless you expire it there",
			plain(id), err)
	}
	return nil
}

// maxAnswer bounds an answer, which has all alerts of a name.
const maxAnswer = 16 << 20

// silenceTimeout bounds a request, which Alertmanager answers within milliseconds.
const silenceTimeout = 10 * time.Second

func (s *silences) request(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, silenceTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.alertmanager+path, bytes.NewReader(body))
	if err != nil {
		return nil, mask.Error(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, mask.Error(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(answer)))
	}
	return answer, err
}
