package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The database and the rule engine of Prometheus bring the SDKs of several clouds,
// which no command needs.
func TestLinksNoCloudSDKs(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, unwanted := range []string{
		"github.com/aws/", "github.com/Azure/", "cloud.google.com/", "k8s.io/", "google.golang.org/grpc",
		"github.com/prometheus/prometheus/tsdb\n", "github.com/prometheus/prometheus/rules\n",
	} {
		if strings.Contains(string(out), unwanted) {
			t.Errorf("belfry links %s", strings.TrimSpace(unwanted))
		}
	}
}
