package deploy

import "testing"

// An edit of the shipped file may move what Targets replace. The demo must then
// not run silently with the host names of compose.
func TestConfigWithRefusesAnUnknownLayout(t *testing.T) {
	all := Targets{Exporter: "e:1", Prometheus: "p:2", Alertmanager: "a:3", RuleFiles: []string{"r.yaml"}}
	for name, tc := range map[string]struct {
		shipped string
		targets Targets
		want    string
	}{
		"empty":   {"", all, "the file is empty"},
		"no YAML": {"a: [", all, "yaml: line 1: did not find expected node content"},
		"a list":  {"[]", Targets{Exporter: "e:1"}, `scrape job "belfry-exporter": not found in the file`},
		"no such job": {
			"scrape_configs: [{job_name: else}]",
			Targets{Prometheus: "p:2"}, `scrape job "prometheus": not found in the file`,
		},
		"discovered": {
			"scrape_configs: [{job_name: prometheus, file_sd_configs: [{files: [x]}]}]",
			Targets{Prometheus: "p:2"}, `scrape job "prometheus": not found in the file`,
		},
		"no alertmanager": {
			"scrape_configs: [{job_name: alertmanager, static_configs: [{targets: [x]}]}]",
			Targets{Alertmanager: "a:3"}, "alertmanagers: not found in the file",
		},
		"no rules": {"global: {}", Targets{RuleFiles: []string{"r.yaml"}}, "rule_files: not found in the file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := configWith([]byte(tc.shipped), tc.targets)
			if err == nil || err.Error() != tc.want {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}
