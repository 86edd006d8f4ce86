package stack

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Paths maps programs to their files.
type Paths map[Program]string

// Ensure builds the named programs, or all if none is named, into dir and
// returns their absolute file names. An empty dir means .stack/bin in the
// project's directory if the working directory is inside it, else a directory in
// the user's cache.
//
// Ensure leaves alone what is there in the pinned version; if everything is, it
// takes milliseconds and starts no process. It builds the rest with `go install`,
// all programs of a module at once, which takes minutes the first time. progress
// receives a line for each build and how long it takes. Processes may call
// Ensure concurrently: one builds, the others wait for it.
func Ensure(ctx context.Context, dir string, progress io.Writer, programs ...Program) (Paths, error) {
	p, err := shipped()
	if err != nil {
		return nil, err
	}
	wanted, err := p.find(programs)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		if dir, err = defaultDir(); err != nil {
			return nil, err
		}
	}
	return ensure(ctx, dir, progress, wanted)
}

func ensure(ctx context.Context, dir string, progress io.Writer, wanted []build) (Paths, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the directory for programs: %w", err)
	}
	paths := Paths{}
	for _, b := range wanted {
		paths[b.program] = b.file(dir)
	}
	if len(missing(dir, wanted)) == 0 {
		return paths, nil
	}

	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("create the directory for programs: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(dir, ".lock"), progress)
	if err != nil {
		return nil, err
	}
	defer unlock()

	// Another process may have built what was missing above.
	todo := byModule(missing(dir, wanted))
	for i, m := range todo {
		usually := ""
		if m[0].takes > 0 {
			usually = fmt.Sprintf("; takes up to %s on 2 cores", short(m[0].takes))
		}
		fmt.Fprintf(progress, "building %s (%d of %d%s)\n", m, i+1, len(todo), usually)
		started := time.Now()
		if err := m.install(ctx, dir, progress); err != nil {
			return nil, err
		}
		fmt.Fprintf(progress, "built %s in %s\n", m.names(), time.Since(started).Round(time.Second/10))
	}
	return paths, nil
}

// module lists the builds of one module at one version.
type module []build

// byModule groups builds by module and keeps their order.
func byModule(builds []build) []module {
	var all []module
	for _, b := range builds {
		i := slices.IndexFunc(all, func(m module) bool { return m[0].oneGo(b) })
		if i < 0 {
			i, all = len(all), append(all, nil)
		}
		all[i] = append(all[i], b)
	}
	return all
}

// names lists the programs.
func (m module) names() string {
	var names []string
	for _, b := range m {
		names = append(names, string(b.program))
	}
	return strings.Join(names, " and ")
}

func (m module) String() string { return m.names() + " " + m[0].version }

// short writes a duration of whole minutes without its seconds.
func short(d time.Duration) string {
	if text, ok := strings.CutSuffix(d.String(), "m0s"); ok {
		return text + "m"
	}
	return d.String()
}

// missing returns the builds that dir does not hold.
func missing(dir string, wanted []build) []build {
	var todo []build
	for _, b := range wanted {
		if !b.isAt(b.file(dir)) {
			todo = append(todo, b)
		}
	}
	return todo
}

// file returns where the program is in dir.
func (b build) file(dir string) string {
	name := string(b.program)
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, name)
}

// isAt reports whether the file is exactly this build, for this machine. A file
// that is missing, truncated or not a Go program is not.
func (b build) isAt(file string) bool {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return false
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	return info.Path == b.pkg && info.Main.Path == b.module && info.Main.Version == b.version &&
		settings["-tags"] == b.tags && settings["GOOS"] == runtime.GOOS && settings["GOARCH"] == runtime.GOARCH
}

// lock waits until no other process builds into the same directory. The
// operating system releases the lock of a process that dies.
func lock(ctx context.Context, file string, progress io.Writer) (unlock func(), err error) {
	type outcome struct {
		unlock func()
		err    error
	}
	// Locking a file cannot be interrupted, so it has its own goroutine. If the
	// caller gives up first, that goroutine releases the lock at once.
	locked := make(chan outcome)
	go func() {
		unlock, err := lockedfile.MutexAt(file).Lock()
		select {
		case locked <- outcome{unlock, err}:
		case <-ctx.Done():
			if err == nil {
				unlock()
			}
		}
	}()

	notice := time.After(time.Second)
	for {
		select {
		case got := <-locked:
			if got.err != nil {
				return nil, fmt.Errorf("lock the directory for programs: %w", got.err)
			}
			return got.unlock, nil
		case <-notice:
			fmt.Fprintf(progress, "waiting for another process that is building into %s\n", filepath.Dir(file))
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for another process that is building into %s: %w", filepath.Dir(file),
				context.Cause(ctx))
		}
	}
}

var belfryModule = regexp.MustCompile(`(?m)^module belfry$`)

// defaultDir returns .stack/bin in the project's directory if the working
// directory is inside it, else a directory in the user's cache.
func defaultDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the directory for programs: %w", err)
	}
	for {
		if mod, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && belfryModule.Match(mod) {
			return filepath.Join(dir, ".stack", "bin"), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the directory for programs: %w: set HOME", err)
	}
	return filepath.Join(cache, "belfry", "bin"), nil
}
