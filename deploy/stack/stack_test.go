package stack

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
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
	p, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range p.builds {
		pinned, ok := parseRelease(releaseOfModule(b.module, b.version))
		if !ok {
			t.Errorf("%s %s is not a release", b.program, b.version)
		}
		tagged := func(image string) bool {
			_, tag, _ := strings.Cut(image, ":")
			r, ok := parseRelease(tag)
			return ok && r == pinned
		}
		if !slices.ContainsFunc(p.images, tagged) {
			t.Errorf("%s %s: no image of that version among %q", b.program, b.version, p.images)
		}
	}
}

// composeImages returns the images that compose.yaml pulls, sorted.
func composeImages(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct{ Image string }
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var images []string
	for _, s := range file.Services {
		if s.Image != file.Services["belfry-exporter"].Image { // which is built there
			images = append(images, s.Image)
		}
	}
	slices.Sort(images)
	return images
}

func TestComposeRunsThePinnedVersions(t *testing.T) {
	p, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(p.images))
	if diff := cmp.Diff(want, composeImages(t)); diff != "" {
		t.Errorf("images (-versions.yaml +compose.yaml):\n%s", diff)
	}
}

// What the tests run with must be good enough for the demo.
func TestAcceptedReleasesIncludeThePinnedOnes(t *testing.T) {
	p, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	servers, err := p.find([]Program{Prometheus, Alertmanager})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range servers {
		if pinned, ok := parseRelease(releaseOfModule(b.module, b.version)); !ok || !b.accepts.include(pinned) {
			t.Errorf("%s %s is not %s", b.program, pinned, b.accepts)
		}
	}
}

func TestParse(t *testing.T) {
	got, err := parse([]byte(`
modules:
  - module: example.test/bell
    version: v1.2.3
    tags: a,b
    commands: [cmd/ring, cmd/toll]
    image: bell:1.2.3
    takes: 90s
  - module: example.test/tower/v2
    version: v2.0.1
    commands: [.]
    image: org/tower:v2.0.1-alpine
    accepts: {from: 1.8.0, below: 3.0.0}
images: ["org/view:13.0.0"]
`))
	if err != nil {
		t.Fatal(err)
	}
	const peal, tower, takes = "example.test/bell", "example.test/tower/v2", 90 * time.Second
	want := pins{
		builds: []build{
			{program: "ring", pkg: peal + "/cmd/ring", module: peal, version: "v1.2.3", tags: "a,b", takes: takes},
			{program: "toll", pkg: peal + "/cmd/toll", module: peal, version: "v1.2.3", tags: "a,b", takes: takes},
			{
				program: "tower", pkg: tower, module: tower, version: "v2.0.1",
				accepts: releases{release{1, 8, 0}, release{3, 0, 0}},
			},
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
		"nothing": {"", "read versions.yaml: no commands: list at least one module with commands"},
		"a version that moves": {
			"modules: [{module: example.test/bell, version: latest, commands: [.], image: 'bell:1.2.3'}]",
			`read versions.yaml: invalid version "latest" of module "example.test/bell": use an exact release, such as v1.2.3`,
		},
		"an image that moves": {
			"modules: [" + good + "]\nimages: ['org/view:13']",
			`read versions.yaml: invalid image "org/view:13": use name:version without a registry host, such as nats:1.2.3`,
		},
		"an image with a registry host": {
			"modules: [" + good + "]\nimages: ['registry.example/org/view:13.0.0']",
			`read versions.yaml: invalid image "registry.example/org/view:13.0.0": ` +
				"use name:version without a registry host, such as nats:1.2.3",
		},
		"the same program twice": {
			"modules: [" + good + ", " + good + "]",
			`read versions.yaml: two commands are called "ring"`,
		},
		"no command name": {
			"modules: [{module: example.test/bell, version: v1.2.3, commands: [../..], image: 'bell:1.2.3'}]",
			`read versions.yaml: "." does not end in a command name`,
		},
		"a release that is not one": {
			"modules: [{module: example.test/bell, version: v1.2.3, commands: [.], image: 'bell:1.2.3', accepts: {from: 1.2}}]",
			`read versions.yaml: release "1.2": write three numbers, such as 1.2.3`,
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
