package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"belfry-exporter": main})
}

// The stories in testdata/script run the program from outside.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}

// The exporter must stay small: it links neither the rule engine nor the dashboard
// generator.
func TestExporterLinksNeitherRulesNorDashboards(t *testing.T) {
	out, err := exec.CommandContext(context.Background(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, unwanted := range []string{
		"github.com/prometheus/prometheus/", "github.com/prometheus/alertmanager", "grafana-foundation-sdk",
		"belfry/rules", "belfry/dashboards-gen",
	} {
		if strings.Contains(string(out), unwanted) {
			t.Errorf("belfry-exporter links %s", unwanted)
		}
	}
}

func TestEveryFlagCanComeFromTheEnvironment(t *testing.T) {
	env := map[string]string{
		"BELFRY_EXPORTER_NATS_URL": "nats://nats.example:4222", "BELFRY_EXPORTER_LOG_LEVEL": "debug",
	}
	lookup := func(name string) (string, bool) { value, set := env[name]; return value, set }
	o, _, err := parse([]string{"--log.level=warn"}, lookup, os.Stdout, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if o.nats.URL != "nats://nats.example:4222" {
		t.Errorf("url %q does not come from the environment", o.nats.URL)
	}
	if level := o.log.Level.String(); level != "warn" {
		t.Errorf("log level %q: a flag wins over the environment", level)
	}
}

// Prometheus reaches the exporter from elsewhere. Whoever does may only look.
func TestNothingButMetricsIsOpenByDefault(t *testing.T) {
	none := func(string) (string, bool) { return "", false }
	o, _, err := parse(nil, none, os.Stdout, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if got := *o.web.WebListenAddresses; len(got) != 1 || got[0] != ":9464" {
		t.Errorf("it listens on %q", got)
	}
	if o.exporter.Lifecycle || o.exporter.Profiles || o.exporter.AllowStreamShrink || o.embedded {
		t.Errorf("a door is open: %+v", o.exporter)
	}
}
