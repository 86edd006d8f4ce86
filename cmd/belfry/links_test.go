package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The database and the rule engine of Prometheus bring the SDKs of several clouds. The
// demo writes its past with them. No other command needs them.
func TestLinksNoCloudSDKs(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "belfry/alertmanager/history/recorder",
		"belfry/insights/service", "belfry/rules/backtest", "belfry/rules/push", "belfry/dashboards-gen/preview").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, unwanted := range []string{
		"github.com/aws/", "github.com/Azure/", "cloud.google.com/", "k8s.io/", "google.golang.org/grpc",
		"github.com/prometheus/prometheus/tsdb\n", "github.com/prometheus/prometheus/rules\n",
	} {
		if strings.Contains(string(out), unwanted) {
			t.Errorf("a command beside the demo links %s", strings.TrimSpace(unwanted))
		}
	}
}
