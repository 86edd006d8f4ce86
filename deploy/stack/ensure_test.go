package stack

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEnsureBuildsOnceAndRebuildsOnANewVersion(t *testing.T) {
	proxy(t, "v1.0.0", "v1.1.0")
	dir := filepath.Join(t.TempDir(), "bin")
	ensureBell := func(version string) string {
		t.Helper()
		var progress strings.Builder
		paths, err := ensure(t.Context(), dir, &progress, []build{bell(version)})
		if err != nil {
			t.Fatal(err)
		}
		if want := (Paths{"bell": bell(version).file(dir)}); !cmp.Equal(want, paths) {
			t.Errorf("paths: %s", cmp.Diff(want, paths))
		}
		return progress.String()
	}

	said := ensureBell("v1.0.0")
	if !strings.HasPrefix(said, "building bell v1.0.0 (1 of 1)\n") || !strings.Contains(said, "built bell in ") {
		t.Errorf("the first time it said %q", said)
	}
	before := stat(t, bell("v1.0.0").file(dir))
	if said := ensureBell("v1.0.0"); said != "" {
		t.Errorf("with nothing to do it said %q", said)
	}
	if !os.SameFile(before, stat(t, bell("v1.0.0").file(dir))) {
		t.Error("with nothing to do it replaced the program")
	}
	if said := ensureBell("v1.1.0"); !strings.HasPrefix(said, "building bell v1.1.0 (1 of 1)\n") {
		t.Errorf("after the pin moved it said %q", said)
	}
	if !bell("v1.1.0").isAt(bell("v1.1.0").file(dir)) {
		t.Error("after the pin moved the old program is still there")
	}
	if leftover := filepath.Join(dir, ".building"); exists(leftover) {
		t.Errorf("%s is left over", leftover)
	}
}

// A program that is there needs no toolchain: not even to be looked at.
func TestEnsureNeedsNoGoForWhatIsThere(t *testing.T) {
	proxy(t, "v1.0.0")
	dir := t.TempDir()
	if _, err := ensure(t.Context(), dir, io.Discard, []build{bell("v1.0.0")}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := ensure(t.Context(), dir, io.Discard, []build{bell("v1.0.0")}); err != nil {
		t.Error(err)
	}
}

func TestEnsureAtTheSameTimeBuildsOnce(t *testing.T) {
	proxy(t, "v1.0.0")
	dir := t.TempDir()
	var progress [3]strings.Builder
	var group sync.WaitGroup
	for i := range progress {
		group.Go(func() {
			if _, err := ensure(t.Context(), dir, &progress[i], []build{bell("v1.0.0")}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var built int
	for i := range progress {
		built += strings.Count(progress[i].String(), "built bell")
	}
	if built != 1 {
		t.Errorf("%d of %d callers built it, want 1", built, len(progress))
	}
}

// The programs of a module are built by one go command, which compiles nothing twice.
func TestEnsureBuildsAModuleInOneGo(t *testing.T) {
	proxy(t, "v1.0.0")
	calls := recordGo(t)
	var progress strings.Builder
	dir, both := t.TempDir(), []build{bell("v1.0.0"), ring("v1.0.0")}
	if _, err := ensure(t.Context(), dir, &progress, both); err != nil {
		t.Fatal(err)
	}
	want := []string{"install -tags=loud example.test/bell@v1.0.0 example.test/bell/cmd/ring@v1.0.0"}
	if !cmp.Equal(want, calls()) {
		t.Errorf("calls of the go command: %s", cmp.Diff(want, calls()))
	}
	if said := progress.String(); !strings.HasPrefix(said, "building bell and ring v1.0.0 (1 of 1)\n") ||
		!strings.Contains(said, "built bell and ring in ") {
		t.Errorf("it said %q", said)
	}
	if left := missing(dir, both); len(left) > 0 {
		t.Errorf("missing afterwards: %v", left)
	}

	// What is there is not built again with what is not.
	if err := os.Remove(ring("v1.0.0").file(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := ensure(t.Context(), dir, io.Discard, both); err != nil {
		t.Fatal(err)
	}
	if last := calls()[1:]; !cmp.Equal([]string{"install -tags=loud example.test/bell/cmd/ring@v1.0.0"}, last) {
		t.Errorf("calls of the go command for the one that is missing: %q", last)
	}
}

// The first line of a build tells how long it may take.
func TestEnsureSaysHowLongItTakes(t *testing.T) {
	proxy(t, "v1.0.0")
	long, brief := bell("v1.0.0"), ring("v1.0.0")
	long.takes, brief.takes, brief.tags = 3*time.Minute, 30*time.Second, "" // another tag, another build
	var progress strings.Builder
	if _, err := ensure(t.Context(), t.TempDir(), &progress, []build{long, brief}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"building bell v1.0.0 (1 of 2; takes up to 3m on 2 cores)\n",
		"building ring v1.0.0 (2 of 2; takes up to 30s on 2 cores)\n",
	} {
		if !strings.Contains(progress.String(), want) {
			t.Errorf("it said %q, want %q", progress.String(), want)
		}
	}
}

func TestEnsureReplacesAFileThatIsNoProgram(t *testing.T) {
	proxy(t, "v1.0.0")
	dir := t.TempDir()
	for _, rubbish := range []string{"", "#!/bin/sh\n"} {
		if err := os.WriteFile(bell("v1.0.0").file(dir), []byte(rubbish), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := ensure(t.Context(), dir, io.Discard, []build{bell("v1.0.0")}); err != nil {
			t.Errorf("over %q: %v", rubbish, err)
		}
	}
}

func TestEnsureGivesUpWaitingWithItsCaller(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lock(t.Context(), filepath.Join(dir, ".lock"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	loseHope := onProgress(func(string) { cancel() }) // as soon as it says that it waits
	_, err = ensure(ctx, dir, loseHope, []build{bell("v1.0.0")})
	want := "wait for another process that is building into " + dir + ": context canceled"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	unlock()

	// The abandoned request must not keep the lock that it may get now.
	unlock, err = lock(t.Context(), filepath.Join(dir, ".lock"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

// onProgress is called with everything that is said.
type onProgress func(said string)

func (f onProgress) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}

func TestEnsureErrors(t *testing.T) {
	proxy(t, "v1.0.0", "v1.6.6")
	path := os.Getenv("PATH")
	for name, tc := range map[string]struct {
		path    string
		version string
		want    []string
	}{
		"no go command": {t.TempDir(), "v1.0.0", []string{
			"build bell v1.0.0: no go command on PATH: install Go 1.", "or newer, or put bell v1.0.0 into /",
		}},
		"no such version": {path, "v1.0.9", []string{
			"build bell v1.0.9: go install example.test/bell@v1.0.9: exit status 1",
			"hint: that version is not available: check it in deploy/stack/versions.yaml",
		}},
		"it does not compile": {path, "v1.6.6", []string{
			"build bell v1.6.6: go install example.test/bell@v1.6.6: exit status 1", "undefined: rope", "hint: ",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", tc.path)
			_, err := ensure(t.Context(), t.TempDir(), io.Discard, []build{bell(tc.version)})
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant it to say %q", err, want)
				}
			}
		})
	}
}

func TestEnsureStopsWithItsCaller(t *testing.T) {
	proxy(t, "v1.0.0")
	reason := errors.New("the user has left")
	ctx, cancel := context.WithCancelCause(t.Context())
	leave := onProgress(func(string) { cancel(reason) }) // as soon as it says that it builds
	_, err := ensure(ctx, t.TempDir(), leave, []build{bell("v1.0.0")})
	if !errors.Is(err, reason) {
		t.Errorf("got %v, want %v", err, reason)
	}
}

func TestEnsureUnknownProgram(t *testing.T) {
	_, err := Ensure(t.Context(), t.TempDir(), io.Discard, "loki")
	if want := `program "loki" is not in versions.yaml`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestHints(t *testing.T) {
	for said, want := range map[string]string{
		"go: example.test/bell@v9.9.9: invalid version: unknown revision v9.9.9":                  "that version is not available",
		"go: example.test/bell@v1.0.0 requires go >= 1.99 (running go 1.26.7; GOTOOLCHAIN=local)": "the program needs a newer Go",
		`Get "https://proxy.example/@v/v1.0.0.info": dial tcp: lookup proxy.example`:              "the Go module proxy cannot be reached",
		"write /bin/bell: no space left on device":                                                "the disk is full",
		"bell.go:3:1: undefined: rope":                                                            "the output above is from the go command",
	} {
		if got := hint(said); !strings.HasPrefix(got, want) {
			t.Errorf("hint for %q: %q, want %q …", said, got, want)
		}
	}
}

func TestTail(t *testing.T) {
	long := strings.Repeat("line\n", tailLines+5) + "last\n"
	got := tail(long)
	if lines := strings.Split(got, "\n"); len(lines) != tailLines || lines[tailLines-1] != "    last" {
		t.Errorf("tail of a long text is %q", got)
	}
}

func TestDefaultDir(t *testing.T) {
	root := t.TempDir()
	deep := filepath.Join(root, "cmd", "deep")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(deep)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(root, "cache"))
	t.Setenv("HOME", root)

	write(t, filepath.Join(root, "go.mod"), "module belfry.example/other\n")
	got, err := defaultDir()
	if err != nil {
		t.Fatal(err)
	}
	cache, _ := os.UserCacheDir()
	if want := filepath.Join(cache, "belfry", "bin"); got != want {
		t.Errorf("outside the project: %s, want %s", got, want)
	}

	write(t, filepath.Join(root, "go.mod"), "// a comment\nmodule belfry\n\ngo 1.26\n")
	if got, err = defaultDir(); err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(root, ".stack", "bin"); got != want {
		t.Errorf("inside the project: %s, want %s", got, want)
	}
}
