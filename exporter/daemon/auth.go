package daemon

import (
	"fmt"
	"os"

	"gopkg.in/yaml.v3"

	"belfry/exporter/mask"
)

// Authenticates reports whether a web configuration file asks every client who it is, by
// a password or a certificate. TLS alone does not. An empty name means no file.
func Authenticates(file string) (bool, error) {
	if file == "" {
		return false, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return false, fmt.Errorf("read the web configuration: %w", err)
	}
	var config struct {
		Users map[string]string `yaml:"basic_auth_users"`
		TLS   struct {
			ClientAuth string `yaml:"client_auth_type"`
		} `yaml:"tls_server_config"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return false, fmt.Errorf("read the web configuration %s: %w", file, mask.Values(err))
	}
	return len(config.Users) > 0 || config.TLS.ClientAuth == "RequireAndVerifyClientCert", nil
}
