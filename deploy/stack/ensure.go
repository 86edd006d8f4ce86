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

// Paths says where each program is, as an absolute file name.
type Paths map[Program]string

// Ensure makes the named programs, or all when none is named, available in dir
// and returns where they are. An empty dir means .stack/bin in the project's own
// folder when the working directory is inside it, else a folder in the user's
// cache.
//
// A program that is there in the pinned version is left alone; when all are,
// Ensure takes milliseconds and starts nothing. The others are built with
// `go install`, all of a module at once, which takes minutes the first time;
// progress reports each build, and how long it takes. Two processes may call
// Ensure at once: one builds, the other waits and then finds the work done.
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
		return nil, fmt.Errorf("find the folder for programs: %w", err)
	}
	paths := Paths{}
	for _, b := range wanted {
		paths[b.program] = b.file(dir)
	}
	if len(missing(dir, wanted)) == 0 {
		return paths, nil
	}

	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder for programs: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(dir, ".lock"), progress)
	if err != nil {
		return nil, err
	}
	defer unlock()

	// Whoever held the lock may have built what was missing above.
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

// module is the builds of one module at one version.
type module []build

// byModule groups builds, in their order.
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

// file is where dir holds the program.
func (b build) file(dir string) string {
	name := string(b.program)
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, name)
}

// isAt reports whether the file is this very build, made for this machine. A
// file that is absent, cut short or no Go program is not.
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

// lock waits until no other process builds into the same folder. The operating
// system drops the lock of a process that dies.
func lock(ctx context.Context, file string, progress io.Writer) (unlock func(), err error) {
	type outcome struct {
		unlock func()
		err    error
	}
	// Locking a file cannot be interrupted, so it has a goroutine to itself. When
	// the caller gives up first, that goroutine hands the lock straight back.
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
				return nil, fmt.Errorf("lock the folder for programs: %w", got.err)
			}
			return got.unlock, nil
		case <-notice:
			fmt.Fprintf(progress, "waiting for another process that builds into %s\n", filepath.Dir(file))
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for another process that builds into %s: %w", filepath.Dir(file), context.Cause(ctx))
		}
	}
}

var belfryModule = regexp.MustCompile(`(?m)^module belfry$`)

// defaultDir is where programs go when the caller does not say: .stack/bin in
// the project's own folder when the working directory is inside it, else a
// folder in the user's cache.
func defaultDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the folder for programs: %w", err)
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
		return "", fmt.Errorf("find the folder for programs: %w; name one, or set HOME", err)
	}
	return filepath.Join(cache, "belfry", "bin"), nil
}
