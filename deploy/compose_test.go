package deploy_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// composeFile has the keys of the Compose Specification that compose.yaml uses. Any
// other key fails the tests as a mistake.
type composeFile struct {
	Name     string                    `yaml:"name"`
	Services map[string]composeService `yaml:"services"`
	Volumes  map[string]any            `yaml:"volumes"`
}

type composeService struct {
	Image string `yaml:"image"`
	Build *struct {
		Context    string `yaml:"context"`
		Dockerfile string `yaml:"dockerfile"`
	} `yaml:"build"`
	Entrypoint  []string          `yaml:"entrypoint"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Volumes     []string          `yaml:"volumes"`
	Ports       []string          `yaml:"ports"`
	Healthcheck *struct {
		Test        []string `yaml:"test"`
		Interval    string   `yaml:"interval"`
		StartPeriod string   `yaml:"start_period"`
	} `yaml:"healthcheck"`
	DependsOn map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	ReadOnly        bool     `yaml:"read_only"`
	CapDrop         []string `yaml:"cap_drop"`
	SecurityOpt     []string `yaml:"security_opt"`
	Restart         string   `yaml:"restart"`
	StopGracePeriod string   `yaml:"stop_grace_period"`
	MemLimit        string   `yaml:"mem_limit"`
}

// mount splits "source:target[:ro]".
func mount(volume string) (source, target string) {
	parts := strings.Split(volume, ":")
	return parts[0], parts[1]
}

// host returns the file of the repository that a container sees under a name, or
// "" if nothing of the repository is mounted there.
func (s composeService) host(file string) string {
	for _, volume := range s.Volumes {
		source, target := mount(volume)
		if rest, ok := strings.CutPrefix(file, target); ok && strings.HasPrefix(source, ".") {
			return filepath.Join(source, rest)
		}
	}
	return ""
}

func compose(t *testing.T) composeFile {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(read(t, "compose.yaml")))
	decoder.KnownFields(true)
	var c composeFile
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestComposeOpensNothingToTheNetwork(t *testing.T) {
	for name, s := range compose(t).Services {
		if len(s.Ports) == 0 {
			t.Errorf("%s: no port is published", name)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s: port %q is open to the network", name, port)
			}
		}
	}
}

// What a container mounts, is configured with, or waits for must exist.
func TestComposeRefersToWhatExists(t *testing.T) {
	c := compose(t)
	used := map[string]bool{}
	for name, s := range c.Services {
		if s.MemLimit == "" || s.Restart == "" {
			t.Errorf("%s: give it a memory limit and a restart policy", name)
		}
		for _, volume := range s.Volumes {
			source, _ := mount(volume)
			if !strings.HasPrefix(source, ".") {
				used[source] = true
			} else if _, err := os.Stat(source); err != nil {
				t.Errorf("%s: mounts %v", name, err)
			} else if !strings.HasSuffix(volume, ":ro") {
				t.Errorf("%s: may write to %s of the repository", name, source)
			}
		}
		for _, file := range configFiles(s.Command) {
			if _, err := os.Stat(s.host(file)); err != nil {
				t.Errorf("%s: reads %s, which is %q in the repository: %v", name, file, s.host(file), err)
			}
		}
		for other, d := range s.DependsOn {
			if o, ok := c.Services[other]; !ok || d.Condition == "service_healthy" && o.Healthcheck == nil {
				t.Errorf("%s: waits for %s to be healthy, which nobody checks", name, other)
			}
		}
		if s.Build != nil {
			if _, err := os.Stat(filepath.Join(s.Build.Context, s.Build.Dockerfile)); err != nil {
				t.Errorf("%s: is built from %v", name, err)
			}
		}
	}
	for volume := range c.Volumes {
		if !used[volume] {
			t.Errorf("volume %s is not used", volume)
		}
		delete(used, volume)
	}
	for volume := range used {
		t.Errorf("volume %s is not declared", volume)
	}
}

// configFiles finds the configuration file in a command line, as --name=value
// or as two words.
func configFiles(command []string) (files []string) {
	for i, word := range command {
		if file, ok := strings.CutPrefix(word, "--config.file="); ok {
			files = append(files, file)
		}
		if word == "--config" && i+1 < len(command) {
			files = append(files, command[i+1])
		}
	}
	return files
}

// The shipped Prometheus configuration works unchanged inside compose: each
// target is a service and its port, and the rules are where it looks for them.
func TestComposeServesThePrometheusConfig(t *testing.T) {
	c := compose(t)
	for of, targets := range depends(t, read(t, "prometheus.yml")) {
		if of == "rule files" {
			continue
		}
		for _, target := range targets {
			service, port, _ := strings.Cut(target, ":")
			if service == "localhost" {
				service = "prometheus"
			}
			if s, ok := c.Services[service]; !ok || !slices.Contains(s.Ports, "127.0.0.1:"+port+":"+port) {
				t.Errorf("%s: %s is not a service with that port", of, target)
			}
		}
	}

	prometheus := c.Services["prometheus"]
	config := configFiles(prometheus.Command)[0]
	for _, pattern := range depends(t, read(t, "prometheus.yml"))["rule files"] {
		inside := path.Join(path.Dir(config), pattern)
		if found, err := filepath.Glob(prometheus.host(inside)); err != nil || len(found) == 0 {
			t.Errorf("rules %s are %q in the repository, and there are none (%v)", inside, prometheus.host(inside), err)
		}
	}
}

// Grafana finds Prometheus, and the dashboards, where compose puts them.
func TestComposeServesTheGrafanaProvisioning(t *testing.T) {
	c := compose(t)
	grafana := c.Services["grafana"]
	var dashboards struct {
		Providers []struct {
			Options struct {
				Path string `yaml:"path"`
			} `yaml:"options"`
		} `yaml:"providers"`
	}
	provisioned(t, "dashboards", &dashboards)
	if len(dashboards.Providers) == 0 {
		t.Error("no dashboards are provisioned")
	}
	for _, p := range dashboards.Providers {
		if _, err := os.Stat(grafana.host(p.Options.Path)); err != nil {
			t.Errorf("dashboards are looked for in %s, which is %q in the repository: %v",
				p.Options.Path, grafana.host(p.Options.Path), err)
		}
	}

	var datasources struct {
		Datasources []struct {
			URL string `yaml:"url"`
		} `yaml:"datasources"`
	}
	provisioned(t, "datasources", &datasources)
	if len(datasources.Datasources) == 0 {
		t.Error("no data source is provisioned")
	}
	for _, d := range datasources.Datasources {
		url := os.Expand(d.URL, func(name string) string { return grafana.Environment[name] })
		if url != "http://prometheus:9090" {
			t.Errorf("the data source is at %q, want http://prometheus:9090", url)
		}
	}
}

// provisioned reads Grafana's provisioning file of one kind.
func provisioned(t *testing.T, kind string, into any) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "grafana", "provisioning", kind, "*.y*ml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("provisioning of %s: want one file, found %q (%v)", kind, files, err)
	}
	if err := yaml.Unmarshal(read(t, files[0]), into); err != nil {
		t.Fatalf("%s: %v", files[0], err)
	}
}
