package deploy_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"belfry/deploy"
	"belfry/deploy/stack"
)

// document has the parts of a Prometheus configuration that Targets replace.
type document struct {
	RuleFiles     []string `yaml:"rule_files"`
	ScrapeConfigs []struct {
		JobName       string         `yaml:"job_name"`
		StaticConfigs []targetConfig `yaml:"static_configs"`
	} `yaml:"scrape_configs"`
	Alerting struct {
		Alertmanagers []struct {
			StaticConfigs []targetConfig `yaml:"static_configs"`
		} `yaml:"alertmanagers"`
	} `yaml:"alerting"`
}

type targetConfig struct {
	Targets []string `yaml:"targets"`
}

// depends lists what depends on the machine in a configuration.
func depends(t *testing.T, config []byte) map[string][]string {
	t.Helper()
	var d document
	if err := yaml.Unmarshal(config, &d); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{"rule files": d.RuleFiles}
	for _, job := range d.ScrapeConfigs {
		for _, c := range job.StaticConfigs {
			found["job "+job.JobName] = append(found["job "+job.JobName], c.Targets...)
		}
	}
	for _, a := range d.Alerting.Alertmanagers {
		for _, c := range a.StaticConfigs {
			found["alerts to"] = append(found["alerts to"], c.Targets...)
		}
	}
	return found
}

func TestPrometheusConfig(t *testing.T) {
	for name, tc := range map[string]struct {
		targets deploy.Targets
		want    map[string][]string
	}{
		"as shipped": {deploy.Targets{}, map[string][]string{
			"rule files":          {"../rules/notification-*.yaml"},
			"job belfry-exporter": {"belfry-exporter:9464"},
			"job belfry-alerts":   {"belfry-alerts:9465"},
			"job belfry-insights": {"belfry-insights:9466"},
			"job prometheus":      {"localhost:9090"},
			"job alertmanager":    {"alertmanager:9093"},
			"job grafana":         {"grafana:3000"},
			"alerts to":           {"alertmanager:9093"},
		}},
		"all replaced": {
			deploy.Targets{
				Exporter: "127.0.0.1:1", Alerts: "127.0.0.1:4", Insights: "127.0.0.1:5",
				Prometheus: "127.0.0.1:2", Alertmanager: "127.0.0.1:3", Grafana: "127.0.0.1:6",
				RuleFiles: []string{"a.yaml", "b/*.yaml"},
			},
			map[string][]string{
				"rule files":          {"a.yaml", "b/*.yaml"},
				"job belfry-exporter": {"127.0.0.1:1"},
				"job belfry-alerts":   {"127.0.0.1:4"},
				"job belfry-insights": {"127.0.0.1:5"},
				"job prometheus":      {"127.0.0.1:2"},
				"job alertmanager":    {"127.0.0.1:3"},
				"job grafana":         {"127.0.0.1:6"},
				"alerts to":           {"127.0.0.1:3"},
			},
		},
		"without Grafana": {deploy.Targets{Grafana: deploy.Nowhere}, map[string][]string{
			"rule files":          {"../rules/notification-*.yaml"},
			"job belfry-exporter": {"belfry-exporter:9464"},
			"job belfry-alerts":   {"belfry-alerts:9465"},
			"job belfry-insights": {"belfry-insights:9466"},
			"job prometheus":      {"localhost:9090"},
			"job alertmanager":    {"alertmanager:9093"},
			"alerts to":           {"alertmanager:9093"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := deploy.PrometheusConfig(tc.targets)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, depends(t, config)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Only the targets differ from the shipped file: all other settings and the
// comments stay.
func TestPrometheusConfigKeepsTheRest(t *testing.T) {
	shipped := read(t, "prometheus.yml")
	replaced, err := deploy.PrometheusConfig(deploy.Targets{
		Exporter: "other:1", Alerts: "other:4", Insights: "other:5", Prometheus: "other:2", Alertmanager: "other:3",
		Grafana: "other:6",
	})
	if err != nil {
		t.Fatal(err)
	}
	back := strings.NewReplacer(
		"other:1", "belfry-exporter:9464", "other:4", "belfry-alerts:9465", "other:5", "belfry-insights:9466",
		"other:2", "localhost:9090", "other:3", "alertmanager:9093",
		"other:6", "grafana:3000",
	).Replace(string(replaced))
	if diff := cmp.Diff(parsed(t, shipped), parsed(t, []byte(back))); diff != "" {
		t.Errorf("settings (-shipped +rendered):\n%s", diff)
	}
	if want, got := bytes.Count(shipped, []byte("#")), strings.Count(back, "#"); want != got {
		t.Errorf("%d of %d comments are left", got, want)
	}
}

func parsed(t *testing.T, config []byte) any {
	t.Helper()
	var value any
	if err := yaml.Unmarshal(config, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestPrometheusConfigPassesPromtool(t *testing.T) {
	programs, err := stack.Ensure(t.Context(), "", t.Output(), stack.Promtool)
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := deploy.PrometheusConfig(deploy.Targets{Exporter: "127.0.0.1:1",
		RuleFiles: []string{"none/*.yaml"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"as shipped":    "prometheus.yml", // with the generated rules that it names
		"as the demo's": write(t, filepath.Join(t.TempDir(), "prometheus.yml"), rendered),
	} {
		out, err := exec.CommandContext(t.Context(), programs[stack.Promtool],
			"check", "config", "--lint=all", "--lint-fatal", file).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
