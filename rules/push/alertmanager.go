package push

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"gopkg.in/yaml.v3"

	"belfry/exporter/mask"
)

// Alertmanager returns the target for Alertmanager's configuration, the file named
// config, and its templates. It verifies that the server has loaded the receivers.
func Alertmanager(url, dir string, files map[string][]byte, config string) Target {
	return Target{
		Server: "Alertmanager", URL: url, Dir: dir, Files: files,
		Verify: func(ctx context.Context, p Target) error { return p.verifyReceivers(ctx, files[config]) },
	}
}

func (p Target) verifyReceivers(ctx context.Context, pushed []byte) error {
	status, body, err := p.ask(ctx, http.MethodGet, "/api/v2/status")
	if err != nil {
		return err
	}
	var answer struct {
		Config struct{ Original string }
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		return fmt.Errorf("read the loaded configuration: %s answers %d, which is not an answer of Alertmanager: "+
			"check the address", mask.Address(p.URL), status)
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
		return fmt.Errorf("%s at %s reloaded, but does not have the receivers that were pushed: "+
			"does it read a configuration in another directory than %s?", p.Server, mask.Address(p.URL), p.Dir)
	}
	return nil
}

// receivers returns the names of a configuration's receivers, in order.
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
