package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	dashboards "belfry/dashboards-gen"
	"belfry/deploy/stack"
)

// grafana locates an installed Grafana, if there is one.
type grafana struct{ program, home string }

// startGrafana runs Grafana with the generated dashboards, or says how to import
// them into another one.
func (s *system) startGrafana() error {
	if s.check && s.grafana.program == "" {
		return nil
	}
	program := s.grafana.program
	if program == "" {
		found, err := exec.LookPath("grafana")
		if err != nil {
			s.say("Grafana       not on PATH: set --grafana PATH, or in your Grafana add http://%s as a Prometheus data source "+
				"and import the files in %s", local(s.ports.prometheus), dashboards.Directory)
			return nil
		}
		program = found
	}
	if _, err := os.Stat(filepath.Join(s.grafana.home, "conf", "defaults.ini")); err != nil {
		return fmt.Errorf("%s is not Grafana's home directory, which has conf/defaults.ini: set --grafana.home",
			s.grafana.home)
	}
	dir := filepath.Join(s.dir, "grafana")
	if err := s.provisionGrafana(dir); err != nil {
		return err
	}
	server, err := stack.Start(s.ctx, stack.Command{
		Name: "grafana", Binary: program, Args: []string{"server", "--homepath", s.grafana.home},
		Port: s.ports.grafana, ReadyPath: "/api/health", LogFile: filepath.Join(s.dir, "grafana.log"),
		Env: []string{
			"GF_SERVER_HTTP_ADDR=127.0.0.1", fmt.Sprintf("GF_SERVER_HTTP_PORT=%d", s.ports.grafana),
			"GF_PATHS_DATA=" + filepath.Join(dir, "data"), "GF_PATHS_LOGS=" + filepath.Join(dir, "logs"),
			"GF_PATHS_PLUGINS=" + filepath.Join(dir, "plugins"),
			"GF_PATHS_PROVISIONING=" + filepath.Join(dir, "provisioning"),
			"GF_AUTH_ANONYMOUS_ENABLED=true", "GF_AUTH_ANONYMOUS_ORG_ROLE=Viewer",
			"GF_ANALYTICS_REPORTING_ENABLED=false", "GF_ANALYTICS_CHECK_FOR_UPDATES=false",
		},
	})
	if err != nil {
		return err
	}
	s.onStop(server.Stop)
	s.say("Grafana       %s", server.URL)
	return nil
}

// provisionGrafana writes the files that Grafana loads when it starts.
func (s *system) provisionGrafana(dir string) error {
	files, err := dashboards.Files()
	if err != nil {
		return err
	}
	for path, content := range files {
		file := filepath.Join(dir, "dashboards", strings.TrimPrefix(path, dashboards.Directory))
		if err := writeFile(file, content); err != nil {
			return err
		}
	}
	source := fmt.Sprintf(`apiVersion: 1
datasources:
  - name: Prometheus
    uid: belfry-prometheus
    type: prometheus
    access: proxy
    isDefault: true
    url: %q
    jsonData: {timeInterval: 10s, httpMethod: POST}
`, "http://"+local(s.ports.prometheus))
	file := filepath.Join(dir, "provisioning", "datasources", "prometheus.yaml")
	if err := writeFile(file, []byte(source)); err != nil {
		return err
	}
	provider := fmt.Sprintf(`apiVersion: 1
providers:
  - name: belfry
    type: file
    allowUiUpdates: false
    options: {path: %q, foldersFromFilesStructure: true}
`, filepath.Join(dir, "dashboards"))
	return writeFile(filepath.Join(dir, "provisioning", "dashboards", "belfry.yaml"), []byte(provider))
}
