package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bellPins pins bell 1.0.0, and accepts others.
var bellPins = func() pins {
	b := bell("v1.0.0")
	b.accepts = releases{From: release{0, 9, 0}, Below: release{2, 0, 0}}
	return pins{builds: []build{b}}
}()

// fakeBell makes a program that prints a version as the servers do.
func fakeBell(t *testing.T, version string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "bell")
	script(t, file, fmt.Sprintf("echo 'bell, version %s (branch: HEAD, revision: 4711)'", version))
	return file
}

// onlyOnPath reduces PATH to a program, without a go command to build others.
func onlyOnPath(t *testing.T, file string) {
	t.Helper()
	t.Setenv("PATH", filepath.Dir(file))
}

func TestFind(t *testing.T) {
	proxy(t, "v1.0.0")
	goPath := os.Getenv("PATH")
	for name, test := range map[string]struct {
		onPath, named string // versions; empty for none
		built         bool
		want          string // path, named or built
		says          string
	}{
		"accepted on PATH": {onPath: "0.9.0", want: "path", says: "using bell 0.9.0 at "},
		"built before":     {onPath: "1.5.0", built: true, want: "built"},
		"too old on PATH": {
			onPath: "0.8.9", want: "built", says: "which is 0.8.9: use 0.9.0 or newer, below 2.0.0\nbuilding bell v1.0.0",
		},
		"too new on PATH": {onPath: "2.0.0", want: "built", says: "which is 2.0.0: use "},
		"no version": {
			onPath: "unknown", want: "built",
			says: `--version: no version in "bell, version unknown (branch: HEAD, revision: 4711)"`,
		},
		"nothing on PATH": {want: "built", says: "building bell v1.0.0 (1 of 1)\n"},
		"named":           {named: "1.9.9", onPath: "1.0.0", built: true, want: "named"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, files, named := t.TempDir(), map[string]string{"built": ""}, Paths{}
			files["built"] = bellPins.builds[0].file(dir)
			if test.built {
				if _, err := ensure(t.Context(), dir, t.Output(), bellPins.builds); err != nil {
					t.Fatal(err)
				}
			}
			if test.onPath != "" {
				files["path"] = fakeBell(t, test.onPath)
				t.Setenv("PATH", filepath.Dir(files["path"])+string(filepath.ListSeparator)+goPath)
			}
			if test.named != "" {
				files["named"] = fakeBell(t, test.named)
				named["bell"] = files["named"]
			}
			var progress strings.Builder
			got, err := bellPins.findIn(t.Context(), dir, named, &progress, []Program{"bell"})
			if err != nil {
				t.Fatal(err)
			}
			if want := (Paths{"bell": files[test.want]}); !cmp.Equal(want, got) {
				t.Error(cmp.Diff(want, got))
			}
			if said := progress.String(); !strings.Contains(said, test.says) || test.says == "" && said != "" {
				t.Errorf("it said %q, want %q", said, test.says)
			}
		})
	}
}

// With everything there, nothing is built: not even a go command is needed.
func TestFindNeedsNoGoForWhatIsOnPath(t *testing.T) {
	onlyOnPath(t, fakeBell(t, "1.2.3"))
	if _, err := bellPins.findIn(t.Context(), t.TempDir(), nil, t.Output(), []Program{"bell"}); err != nil {
		t.Error(err)
	}
}

func TestFindRefusesWhatIsNamed(t *testing.T) {
	old, silent := fakeBell(t, "0.8.0"), filepath.Join(t.TempDir(), "silent")
	script(t, silent, "exit 0")
	for want, file := range map[string]string{
		"find bell: " + old + " is 0.8.0: use 0.9.0 or newer, below 2.0.0": old,
		`find bell: ` + silent + ` --version: no version in ""`:            silent,
		`find bell: exec: "no-such-bell": executable file not found`:       "no-such-bell",
	} {
		_, err := bellPins.findIn(t.Context(), t.TempDir(), Paths{"bell": file}, t.Output(), []Program{"bell"})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// The servers themselves, as `make stack` builds them.
func TestFindKnowsTheRealServers(t *testing.T) {
	programs, err := Ensure(t.Context(), "", t.Output(), Prometheus, Alertmanager)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Find(t.Context(), programs, t.Output(), Prometheus, Alertmanager)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(programs, got); diff != "" {
		t.Errorf("named programs (-named +found):\n%s", diff)
	}
}

func TestParseRelease(t *testing.T) {
	for text, want := range map[string]string{
		"3.16.0": "3.16.0", "v0.31.1": "0.31.1", "3.9.0-rc.1": "3.9.0", "2.53.3+ds1": "2.53.3", "2.53.3~rc": "2.53.3",
		"": "", "3.16": "", "3.16.x": "", "(devel)": "", "1.2.3.4": "",
	} {
		r, ok := parseRelease(text)
		if ok != (want != "") || ok && r.String() != want {
			t.Errorf("%q: %s (%v), want %q", text, r, ok, want)
		}
	}
}

func TestReleaseOfModule(t *testing.T) {
	for version, want := range map[string]string{
		"v0.316.0": "3.16.0", "v0.300.1": "3.0.1", "v1.8.2": "v1.8.2", "(devel)": "(devel)",
	} {
		if got := releaseOfModule("github.com/prometheus/prometheus", version); got != want {
			t.Errorf("prometheus %s is release %s, want %s", version, got, want)
		}
	}
	if got := releaseOfModule("github.com/prometheus/alertmanager", "v0.31.1"); got != "v0.31.1" {
		t.Errorf("alertmanager v0.31.1 is release %s", got)
	}
}
