package push

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"gopkg.in/yaml.v3"
)

// Alertmanager is the place of Alertmanager's configuration, the file named
// config, and the templates beside it. What it verifies is that the server has
// loaded its receivers.
func Alertmanager(url, dir string, files map[string][]byte, config string) Place {
	p := Place{Server: "Alertmanager", URL: url, Dir: dir, Files: files}
	p.Verify = func(ctx context.Context) error { return p.verifyReceivers(ctx, files[config]) }
	return p
}

func (p Place) verifyReceivers(ctx context.Context, pushed []byte) error {
	status, body, err := p.ask(ctx, http.MethodGet, "/api/v2/status")
	if err != nil {
		return err
	}
	var answer struct {
		Config struct{ Original string }
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		return fmt.Errorf("ask Alertmanager for its configuration: %s answers %d, which is no answer of Alertmanager", p.URL, status)
	}
	want, err := receivers(pushed)
	if err != nil {
		return err
	}
	have, err := receivers([]byte(answer.Config.Original))
	if err != nil {
		return err
	}
	if !slices.Equal(want, have) {
		return fmt.Errorf("%s at %s reloaded, but has other receivers than those pushed: does it read a configuration in another folder than %s?", p.Server, p.URL, p.Dir)
	}
	return nil
}

// receivers are the names of a configuration's, in order.
func receivers(config []byte) ([]string, error) {
	var file struct {
		Receivers []struct {
			Name string `yaml:"name"`
		} `yaml:"receivers"`
	}
	if err := yaml.Unmarshal(config, &file); err != nil {
		return nil, fmt.Errorf("read Alertmanager's configuration: %w", err)
	}
	var names []string
	for _, r := range file.Receivers {
		names = append(names, r.Name)
	}
	return names, nil
}
