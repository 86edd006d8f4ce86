package rules

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"
)

// Metadata names a resource of Kubernetes.
type Metadata struct {
	Name      string            `yaml:"name"`
	Namespace string            `yaml:"namespace,omitempty"`
	Labels    map[string]string `yaml:"labels,omitempty"`
}

// Resource returns a rule file as a PrometheusRule, the resource from which the
// Prometheus operator takes rules. Its groups are those of the file, unchanged.
func Resource(file []byte, m Metadata) ([]byte, error) {
	var spec struct {
		Groups yaml.Node `yaml:"groups"`
	}
	if err := yaml.Unmarshal(file, &spec); err != nil {
		return nil, fmt.Errorf("read the rule file: %w", err)
	}
	resource := struct {
		APIVersion string   `yaml:"apiVersion"`
		Kind       string   `yaml:"kind"`
		Metadata   Metadata `yaml:"metadata"`
		Spec       any      `yaml:"spec"`
	}{"monitoring.coreos.com/v1", "PrometheusRule", m, map[string]*yaml.Node{"groups": &spec.Groups}}
	var b bytes.Buffer
	b.WriteString(header)
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(resource); err != nil {
		return nil, fmt.Errorf("write the resource %s: %w", m.Name, err)
	}
	return b.Bytes(), nil
}
