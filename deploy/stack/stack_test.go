package stack

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShippedVersions(t *testing.T) {
	p, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	var programs []Program
	for _, b := range p.builds {
		programs = append(programs, b.program)
	}
	want := []Program{Prometheus, Promtool, Alertmanager, Amtool, NATSServer}
	if diff := cmp.Diff(want, programs); diff != "" {
		t.Errorf("the constants and versions.yaml differ (-constants +file):\n%s", diff)
	}
}

// People with Docker must get the very versions that the tests have run.
func TestImagesAreOfThePinnedVersions(t *testing.T) {
	images, err := Images()
	if err != nil {
		t.Fatal(err)
	}
	p, _ := shipped()
	for _, b := range p.builds {
		release := b.version
		if b.module == "github.com/prometheus/prometheus" {
			release = prometheusRelease(t, b.version)
		}
		tagged := func(image string) bool {
			_, tag, _ := strings.Cut(image, ":")
			number, _, _ := strings.Cut(strings.TrimPrefix(tag, "v"), "-")
			return "v"+number == release
		}
		if !slices.ContainsFunc(images, tagged) {
			t.Errorf("%s %s: no image of that version among %q", b.program, b.version, images)
		}
	}
}

// prometheusRelease turns v0.316.0 into v3.16.0.
func prometheusRelease(t *testing.T, version string) string {
	t.Helper()
	rest, ok := strings.CutPrefix(version, "v0.")
	number, patch, dotted := strings.Cut(rest, ".")
	if !ok || !dotted || len(number) != 3 {
		t.Fatalf("%q is not numbered as Prometheus numbers its module", version)
	}
	return "v" + number[:1] + "." + strings.TrimLeft(number[1:2], "0") + number[2:] + "." + patch
}

func TestParse(t *testing.T) {
	got, err := parse([]byte(`
modules:
  - {module: example.test/bell, version: v1.2.3, tags: "a,b", commands: [cmd/ring, cmd/toll], image: "bell:1.2.3"}
  - {module: example.test/tower/v2, version: v2.0.1, commands: [.], image: "org/tower:v2.0.1-alpine"}
images: ["org/view:13.0.0"]
`))
	if err != nil {
		t.Fatal(err)
	}
	want := pins{
		builds: []build{
			{program: "ring", pkg: "example.test/bell/cmd/ring", module: "example.test/bell", version: "v1.2.3", tags: "a,b"},
			{program: "toll", pkg: "example.test/bell/cmd/toll", module: "example.test/bell", version: "v1.2.3", tags: "a,b"},
			{program: "tower", pkg: "example.test/tower/v2", module: "example.test/tower/v2", version: "v2.0.1"},
		},
		images: []string{"bell:1.2.3", "org/tower:v2.0.1-alpine", "org/view:13.0.0"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(pins{}, build{})); diff != "" {
		t.Errorf("parse differs (-want +got):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	const good = "{module: example.test/bell, version: v1.2.3, commands: [cmd/ring], image: 'bell:1.2.3'}"
	for name, tc := range map[string]struct{ file, want string }{
		"nothing": {"", "read versions.yaml: it pins no command"},
		"a version that moves": {
			"modules: [{module: example.test/bell, version: latest, commands: [.], image: 'bell:1.2.3'}]",
			`read versions.yaml: module "example.test/bell" has version "latest": want an exact release such as v1.2.3`,
		},
		"an image that moves": {
			"modules: [" + good + "]\nimages: ['org/view:13']",
			`read versions.yaml: image "org/view:13": want name:version without a registry host, such as nats:1.2.3`,
		},
		"an image with a registry host": {
			"modules: [" + good + "]\nimages: ['registry.example/org/view:13.0.0']",
			`read versions.yaml: image "registry.example/org/view:13.0.0": want name:version without a registry host, such as nats:1.2.3`,
		},
		"the same program twice": {
			"modules: [" + good + ", " + good + "]",
			`read versions.yaml: two commands are called "ring"`,
		},
		"no command name": {
			"modules: [{module: example.test/bell, version: v1.2.3, commands: [../..], image: 'bell:1.2.3'}]",
			`read versions.yaml: "." makes no command name`,
		},
		"a misspelt key": {
			"modules: [{modul: example.test/bell}]",
			"read versions.yaml: yaml: unmarshal errors:\n  line 1: field modul not found in type struct",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse([]byte(tc.file))
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %v\nwant %s", err, tc.want)
			}
		})
	}
}

// Whatever the file says, what parse lets through builds one exact version.
func FuzzParse(f *testing.F) {
	f.Add(versionsYAML)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parse(data)
		if err != nil {
			return
		}
		for _, b := range p.builds {
			if file := b.file("bin"); filepath.Dir(file) != "bin" || file == "bin" {
				t.Errorf("program %q would be written to %q", b.program, file)
			}
			if !canonicalVersion.MatchString(b.version) {
				t.Errorf("version %q is not exact", b.version)
			}
		}
	})
}
