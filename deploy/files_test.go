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
)

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// write returns the file it wrote.
func write(t *testing.T, file string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// The image is built with the Go that the project needs, of what the project
// builds, and runs as nobody in particular.
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

// Every flag in these files is one that the exporter has.
func TestFlagsExist(t *testing.T) {
	exporter := filepath.Join(t.TempDir(), "belfry-exporter")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", exporter, "belfry/cmd/belfry-exporter").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	help, err := exec.CommandContext(t.Context(), exporter, "--help").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, help)
	}
	known := flags(string(help))

	for file, text := range map[string]string{
		"compose.yaml":                    strings.Join(compose(t).Services["belfry-exporter"].Command, "\n"),
		"systemd/belfry-exporter.service": string(read(t, "systemd/belfry-exporter.service")),
		"kubernetes/belfry-exporter.yaml": string(read(t, "kubernetes/belfry-exporter.yaml")),
		"README.md":                       string(read(t, "README.md")),
	} {
		used := flags(text)
		if len(used) == 0 {
			t.Errorf("%s: no flag found", file)
		}
		for _, f := range used {
			if !slices.Contains(known, f) {
				t.Errorf("%s: the exporter has no flag %s", file, f)
			}
		}
	}
}

// flags finds the exporter's flags in a text, by their names without dashes or
// by their environment variables. A help text shows a switch as --[no-]name.
func flags(text string) (names []string) {
	for _, match := range exporterFlag.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1]+match[2])
	}
	return names
}

var exporterFlag = regexp.MustCompile(`--(?:\[no-\])?((?:nats|web|config|log)\.[a-z.-]*[a-z]|trust-[a-z-]+|partitions)|(BELFRY_EXPORTER_[A-Z_]+)`)

// workload and front are what TestKubernetes reads of a StatefulSet and a Service.
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
	decoder := yaml.NewDecoder(bytes.NewReader(read(t, "kubernetes/belfry-exporter.yaml")))
	var service front
	var set workload
	if err := errors.Join(decoder.Decode(&service), decoder.Decode(&set)); err != nil {
		t.Fatal(err)
	}
	pod := set.Spec.Template

	if set.Kind != "StatefulSet" || set.Spec.Replicas != 1 {
		t.Errorf("%s of %d: two exporters of the same partitions would count twice", set.Kind, set.Spec.Replicas)
	}
	user := pod.Spec.SecurityContext
	if !user.RunAsNonRoot || !strings.Contains(string(read(t, "Dockerfile")), "USER "+strconv.Itoa(user.RunAsUser)+":") {
		t.Errorf("it runs as %d, which is not the user of the image", user.RunAsUser)
	}
	port := pod.Spec.Containers[0].Ports[0]
	if got, want := pod.Metadata.Annotations["prometheus.io/port"], strconv.Itoa(port.ContainerPort); got != want {
		t.Errorf("Prometheus is sent to port %s, the container has %s", got, want)
	}
	if p := service.Spec.Ports[0]; p.TargetPort != port.Name || !cmp.Equal(service.Spec.Selector, pod.Metadata.Labels) {
		t.Errorf("the service leads to port %q of %v", p.TargetPort, service.Spec.Selector)
	}
}
