package daemon

import (
	"fmt"
	"os"

	"gopkg.in/yaml.v3"

	"belfry/exporter/mask"
)

// Authentication says how a web configuration asks every client who it is. TLS alone does
// not.
type Authentication struct{ Passwords, Certificates bool }

// Any reports whether it asks at all.
func (a Authentication) Any() bool { return a.Passwords || a.Certificates }

// webConfig has what Authentication needs of a web configuration.
type webConfig struct {
	Users map[string]string `yaml:"basic_auth_users"`
	TLS   struct {
		ClientAuth string `yaml:"client_auth_type"`
	} `yaml:"tls_server_config"`
}

// ReadAuthentication reads a web configuration file, which may change while a daemon runs:
// what listens reads it for each request, too. An empty name means no file.
func ReadAuthentication(file string) (Authentication, error) {
	if file == "" {
		return Authentication{}, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return Authentication{}, fmt.Errorf("read the web configuration: %w", err)
	}
	var config webConfig
	if err := yaml.Unmarshal(text, &config); err != nil {
		return Authentication{}, fmt.Errorf("read the web configuration %s: %w", file, mask.Values(err))
	}
	return Authentication{len(config.Users) > 0, config.TLS.ClientAuth == "RequireAndVerifyClientCert"}, nil
}
