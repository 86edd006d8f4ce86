package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// A resource has exactly the groups of the rule file.
func TestResourceHasTheGroupsOfTheFile(t *testing.T) {
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	for path, file := range files {
		resource, err := Resource(file, Metadata{Name: "a"})
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		var want struct{ Groups any }
		var got struct {
			APIVersion, Kind string
			Metadata         Metadata
			Spec             struct{ Groups any }
		}
		if err := yaml.Unmarshal(file, &want); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(resource, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Groups, got.Spec.Groups); diff != "" || got.Kind != "PrometheusRule" {
			t.Errorf("%s as %s (-file +resource):\n%s", path, got.Kind, diff)
		}
	}
}
