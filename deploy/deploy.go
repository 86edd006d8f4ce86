// Package deploy holds the files for running Belfry: container image, compose,
// Kubernetes and systemd files, and the configuration of the servers around it.
//
// Its code provides the Prometheus configuration to programs. The demo and the
// tests run the shipped file with other host names, so what they prove holds for
// the file that users copy.
package deploy

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

//go:embed prometheus.yml
var prometheusYAML []byte

// Targets hold what depends on the machine in a Prometheus configuration.
type Targets struct {
	Exporter     string   // host:port of belfry-exporter
	Alerts       string   // host:port of belfry alerts serve
	Insights     string   // host:port of belfry insights serve
	Prometheus   string   // host:port at which Prometheus scrapes itself
	Alertmanager string   // host:port
	Grafana      string   // host:port, or Nowhere
	RuleFiles    []string // names or patterns, relative to the directory of the configuration file
}

// Nowhere leaves the job of a server that does not run out of the configuration.
const Nowhere = "nowhere"

// PrometheusConfig returns the shipped prometheus.yml with its targets replaced.
// An empty field of Targets keeps the shipped value.
func PrometheusConfig(t Targets) ([]byte, error) {
	config, err := configWith(prometheusYAML, t)
	if err != nil {
		return nil, fmt.Errorf("render prometheus.yml: %w", err)
	}
	return config, nil
}

// configWith edits the document as a tree. That keeps the comments, and settings
// that this package does not know.
func configWith(shipped []byte, t Targets) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(shipped, &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, fmt.Errorf("the file is empty")
	}
	root := document.Content[0]

	for job, target := range map[string]string{
		"belfry-exporter": t.Exporter,
		"belfry-alerts":   t.Alerts,
		"belfry-insights": t.Insights,
		"prometheus":      t.Prometheus,
		"alertmanager":    t.Alertmanager,
		"grafana":         t.Grafana,
	} {
		if target == Nowhere {
			removeJob(root, job)
			continue
		}
		if err := setTarget(jobNamed(root, job), target); err != nil {
			return nil, fmt.Errorf("scrape job %q: %w", job, err)
		}
	}
	receivers := field(field(root, "alerting"), "alertmanagers")
	if err := setTarget(first(receivers), t.Alertmanager); err != nil {
		return nil, fmt.Errorf("alertmanagers: %w", err)
	}
	if len(t.RuleFiles) > 0 {
		if err := set(field(root, "rule_files"), t.RuleFiles); err != nil {
			return nil, fmt.Errorf("rule_files: %w", err)
		}
	}

	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// setTarget replaces the targets of a job's first static configuration.
func setTarget(job *yaml.Node, target string) error {
	targets := field(first(field(job, "static_configs")), "targets")
	if target == "" {
		return nil
	}
	return set(targets, []string{target})
}

// set replaces the value of a node, which must exist.
func set(node *yaml.Node, value []string) error {
	if node == nil {
		return fmt.Errorf("not found in the file")
	}
	return node.Encode(value)
}

// removeJob removes a scrape job.
func removeJob(root *yaml.Node, name string) {
	jobs, gone := field(root, "scrape_configs"), jobNamed(root, name)
	if jobs != nil {
		jobs.Content = slices.DeleteFunc(jobs.Content, func(job *yaml.Node) bool { return job == gone })
	}
}

// jobNamed returns a scrape job, or nil.
func jobNamed(root *yaml.Node, name string) *yaml.Node {
	jobs := field(root, "scrape_configs")
	if jobs == nil {
		return nil
	}
	for _, job := range jobs.Content {
		if n := field(job, "job_name"); n != nil && n.Value == name {
			return job
		}
	}
	return nil
}

// field returns the value of a key in a mapping, or nil.
func field(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// first returns the first element of a sequence, or nil.
func first(sequence *yaml.Node) *yaml.Node {
	if sequence == nil || sequence.Kind != yaml.SequenceNode || len(sequence.Content) == 0 {
		return nil
	}
	return sequence.Content[0]
}
