package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const (
	// progressEvery sets how often a long build reports that it is still running.
	progressEvery = 5 * time.Second
	// tailLines limits how much of a compiler's output or a server's log an error
	// quotes: enough to show the cause, short enough to read.
	tailLines = 15
)

// install builds the module's programs into dir, whose lock the caller holds.
func (m module) install(ctx context.Context, dir string, progress io.Writer) error {
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("build %s: no go command on PATH: install Go %s or newer, or put %[1]s into %[3]s",
			m, strings.TrimPrefix(runtime.Version(), "go"), dir)
	}
	// Build in a directory beside the final one and rename, so that nobody sees a
	// partial program. Its name is fixed, so that the next build removes what a
	// killed one left behind.
	scratch := filepath.Join(dir, ".building")
	if err := errors.Join(os.RemoveAll(scratch), os.Mkdir(scratch, 0o755)); err != nil {
		return fmt.Errorf("build %s: %w", m, err)
	}
	defer os.RemoveAll(scratch)
	if err := m.goInstall(ctx, goCommand, scratch, progress); err != nil {
		return fmt.Errorf("build %s: %w", m, err)
	}
	for _, b := range m {
		if err := os.Rename(b.file(scratch), b.file(dir)); err != nil {
			return fmt.Errorf("build %s: move %s into place: %w", m, b.program, err)
		}
		if !b.isAt(b.file(dir)) {
			return fmt.Errorf("build %s: the result has another version or other tags: "+
				"compare `go version -m %s` with deploy/stack/versions.yaml", m, b.file(dir))
		}
	}
	return nil
}

// goInstall runs the go command, which writes the programs to scratch.
func (m module) goInstall(ctx context.Context, goCommand, scratch string, progress io.Writer) error {
	var targets []string
	for _, b := range m {
		targets = append(targets, b.target())
	}
	cmd := exec.CommandContext(ctx, goCommand, append([]string{"install", "-tags=" + m[0].tags}, targets...)...)
	cmd.Dir = scratch
	cmd.Env = append(os.Environ(), installEnv(scratch)...)
	// An interrupted go command removes its temporary files; a killed one cannot.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := runVisibly(cmd, progress, m.names()); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		said := tail(compilerOutput(output.String()))
		return fmt.Errorf("go install %s: %w\n%s\nhint: %s", strings.Join(targets, " "), err, said, hint(said))
	}
	return nil
}

// installEnv overrides variables of a developer's environment that would change
// the result. With a version in the package name the go command ignores go.mod,
// but it does read these.
func installEnv(bin string) []string {
	return []string{
		"GOBIN=" + bin,
		"GOFLAGS=", "GOWORK=off", "GO111MODULE=on",
		"GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH,
		"CGO_ENABLED=0", // like the releases of these projects: static, and no C compiler needed
	}
}

// runVisibly runs cmd and reports every few seconds that it is still running.
func runVisibly(cmd *exec.Cmd, progress io.Writer, what string) error {
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()

	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
			fmt.Fprintf(progress, "  %s: %s\n", what, time.Since(started).Round(time.Second))
		}
	}
}

// compilerOutput drops the lines about downloads.
func compilerOutput(output string) string {
	var kept []string
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "go: downloading ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// tail returns the last lines of text, indented for an error message.
func tail(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	lines = lines[max(0, len(lines)-tailLines):]
	return "    " + strings.Join(lines, "\n    ")
}

// hint suggests the next step after a failed build, from the output of the go
// command.
func hint(said string) string {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(said, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("unknown revision", "no matching versions", "invalid version", "404 Not Found", "no such file or directory"):
		return "that version is not available: check it in deploy/stack/versions.yaml"
	case has("requires go >="):
		return "the program needs a newer Go: install it, or let GOTOOLCHAIN=auto fetch it"
	case has("dial tcp", "no such host", "i/o timeout", "TLS handshake", "connection refused", "proxyconnect"):
		return "the Go module proxy cannot be reached: check the network or set GOPROXY, and try again"
	case has("no space left on device"):
		return "the disk is full: free space where `go env GOCACHE GOMODCACHE` says, and try again"
	}
	return "the output above is from the go command; try again, it keeps what it has built"
}
