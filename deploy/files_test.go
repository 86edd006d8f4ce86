package deploy_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"belfry/deploy/stack"
)

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// write writes a file and returns its name.
func write(t *testing.T, file string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// The image is built with the project's version of Go, from its commands, and does
// not run as root.
func TestDockerfile(t *testing.T) {
	dockerfile := string(read(t, "Dockerfile"))
	bases := regexp.MustCompile(`(?m)^FROM (?:--\S+ )?(\S+)`).FindAllStringSubmatch(dockerfile, -1)
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(read(t, "../go.mod")))[1]
	if len(bases) != 2 || bases[0][1] != "golang:"+language || bases[1][1] != "scratch" {
		t.Errorf("it is made from %q, want golang:%s and scratch", bases, language)
	}
	for _, command := range regexp.MustCompile(`\./cmd/\S+`).FindAllString(dockerfile, -1) {
		if _, err := os.Stat(filepath.Join("..", command)); err != nil {
			t.Errorf("it builds %v", err)
		}
	}
	if !regexp.MustCompile(`(?m)^USER [1-9]\d*:[1-9]\d*$`).MatchString(dockerfile) {
		t.Error("it must name a user by number: Kubernetes cannot tell otherwise that it is not root")
	}
}

// Every flag in these files is one that its program has.
func TestFlagsExist(t *testing.T) {
	exporter, insights, rest := sections(t, "## Insights\n", "## State")
	exporter, webhook, found := strings.Cut(exporter, "## The webhook\n")
	if !found {
		t.Fatal("README.md does not describe the webhook")
	}
	service := func(name string) string {
		return strings.Join(compose(t).Services[name].Command, "\n")
	}
	for command, texts := range map[string]map[string]string{
		"belfry-exporter": {
			"compose.yaml":                    service("belfry-exporter"),
			"systemd/belfry-exporter.service": string(read(t, "systemd/belfry-exporter.service")),
			"kubernetes/belfry-exporter.yaml": string(read(t, "kubernetes/belfry-exporter.yaml")),
			"README.md":                       exporter + rest,
		},
		"belfry alerts serve": {
			"compose.yaml":                  service("belfry-alerts"),
			"systemd/belfry-alerts.service": string(read(t, "systemd/belfry-alerts.service")),
			"kubernetes/belfry-alerts.yaml": string(read(t, "kubernetes/belfry-alerts.yaml")),
			"README.md, The webhook":        webhook,
		},
		"belfry insights serve": {
			"compose.yaml":                    service("belfry-insights"),
			"systemd/belfry-insights.service": string(read(t, "systemd/belfry-insights.service")),
			"kubernetes/belfry-insights.yaml": string(read(t, "kubernetes/belfry-insights.yaml")),
			"README.md, Insights":             insights,
		},
	} {
		known := flags(help(t, strings.Fields(command)...))
		for file, text := range texts {
			used := flags(text)
			if len(used) == 0 {
				t.Errorf("%s: no flag found", file)
			}
			for _, f := range used {
				if !slices.Contains(known, f) {
					t.Errorf("%s: %s has no flag %s", file, command, f)
				}
			}
		}
	}
}

// sections splits README.md before two headings.
func sections(t *testing.T, first, second string) (before, between, after string) {
	t.Helper()
	before, rest, ok := strings.Cut(string(read(t, "README.md")), first)
	between, after, found := strings.Cut(rest, second)
	if !ok || !found {
		t.Fatalf("README.md lacks %q or %q", first, second)
	}
	return before, between, after
}

// help returns the help text of a program or of a command of it.
func help(t *testing.T, command ...string) string {
	t.Helper()
	file, err := stack.BuildOwn(t.Context(), t.TempDir(), command[0])
	if err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), file, append(command[1:], "--help")...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return string(text)
}

// flags returns the flags in a text: names without dashes, and environment
// variables of the exporter. A help text shows a switch as --[no-]name.
func flags(text string) (names []string) {
	for _, match := range anyFlag.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1]+match[2])
	}
	return names
}

var anyFlag = regexp.MustCompile(`--(?:\[no-\])?(` +
	`(?:nats|web|config|log|alertmanager|prometheus|poll|stream|http|experiments|privacy|webhook)\.[a-z.-]*[a-z]` +
	`|trust-[a-z-]+|partitions|refresh|timezone` +
	`)|(BELFRY_EXPORTER_[A-Z_]+)`)

// workload and front have what TestKubernetes reads of a pod's controller and of a
// Service.
type workload struct {
	Kind string `yaml:"kind"`
	Spec struct {
		Replicas int `yaml:"replicas"`
		Template struct {
			Metadata struct {
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"metadata"`
			Spec struct {
				SecurityContext struct {
					RunAsNonRoot bool `yaml:"runAsNonRoot"`
					RunAsUser    int  `yaml:"runAsUser"`
				} `yaml:"securityContext"`
				Containers []struct {
					Ports []struct {
						Name          string `yaml:"name"`
						ContainerPort int    `yaml:"containerPort"`
					} `yaml:"ports"`
				} `yaml:"containers"`
			} `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

type front struct {
	Spec struct {
		Selector map[string]string `yaml:"selector"`
		Ports    []struct {
			TargetPort string `yaml:"targetPort"`
		} `yaml:"ports"`
	} `yaml:"spec"`
}

func TestKubernetes(t *testing.T) {
	for name, kind := range map[string]string{
		"belfry-exporter": "StatefulSet", "belfry-alerts": "Deployment", "belfry-insights": "Deployment",
	} {
		decoder := yaml.NewDecoder(bytes.NewReader(read(t, "kubernetes/"+name+".yaml")))
		var service front
		var controller workload
		if err := errors.Join(decoder.Decode(&service), decoder.Decode(&controller)); err != nil {
			t.Fatal(err)
		}
		pod := controller.Spec.Template

		if controller.Kind != kind || controller.Spec.Replicas != 1 {
			t.Errorf("%s is a %s of %d: two of them would count twice", name, controller.Kind, controller.Spec.Replicas)
		}
		user := pod.Spec.SecurityContext
		if !user.RunAsNonRoot ||
			!strings.Contains(string(read(t, "Dockerfile")), "USER "+strconv.Itoa(user.RunAsUser)+":") {
			t.Errorf("%s runs as %d, which is not the user of the image", name, user.RunAsUser)
		}
		port := pod.Spec.Containers[0].Ports[0]
		if got, want := pod.Metadata.Annotations["prometheus.io/port"], strconv.Itoa(port.ContainerPort); got != want {
			t.Errorf("Prometheus is sent to port %s of %s, the container has %s", got, name, want)
		}
		if p := service.Spec.Ports[0]; p.TargetPort != port.Name ||
			!cmp.Equal(service.Spec.Selector, pod.Metadata.Labels) {
			t.Errorf("the service of %s leads to port %q of %v", name, p.TargetPort, service.Spec.Selector)
		}
	}
}
