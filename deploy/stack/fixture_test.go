package stack

import (
	"archive/zip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// bell returns the build of a program that the proxy of this file serves.
func bell(version string) build {
	return build{program: "bell", pkg: "example.test/bell", module: "example.test/bell", version: version, tags: "loud"}
}

// ring returns the build of another program of the same module.
func ring(version string) build {
	b := bell(version)
	b.program, b.pkg = "ring", "example.test/bell/cmd/ring"
	return b
}

// recordGo puts a go command on PATH that records its arguments, and returns the
// calls so far.
func recordGo(t *testing.T) (calls func() []string) {
	t.Helper()
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	record := filepath.Join(dir, "calls")
	script(t, filepath.Join(dir, "go"), fmt.Sprintf("echo \"$@\" >>%q; exec %q \"$@\"", record, real))
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return func() []string {
		text, err := os.ReadFile(record)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(text)), "\n")
	}
}

// script writes a shell script.
func script(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// proxy serves the given versions of example.test/bell, and nothing else, from a
// directory to the go command, so that builds are real and need no network.
// Version v1.6.6 does not compile.
func proxy(t *testing.T, versions ...string) {
	t.Helper()
	root := t.TempDir()
	served := filepath.Join(root, "example.test", "bell", "@v")
	if err := os.MkdirAll(served, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, version := range versions {
		source := "package main\n\nfunc main() {}\n"
		if version == "v1.6.6" {
			source = "package main\n\nfunc main() { pull(rope) }\n"
		}
		const mod = "module example.test/bell\n\ngo 1.21\n"
		write(t, filepath.Join(served, version+".info"), `{"Version":"`+version+`"}`)
		write(t, filepath.Join(served, version+".mod"), mod)
		writeZip(t, filepath.Join(served, version+".zip"), "example.test/bell@"+version+"/",
			map[string]string{"go.mod": mod, "main.go": source, "cmd/ring/main.go": source})
	}
	write(t, filepath.Join(served, "list"), strings.Join(versions, "\n")+"\n")

	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(root))
	t.Setenv("GONOSUMDB", "example.test/*")
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GONOPROXY", "none")
	t.Setenv("GOMODCACHE", filepath.Join(t.TempDir(), "mod"))
	t.Cleanup(func() { // the go command writes its module cache read-only
		if out, err := exec.Command("go", "clean", "-modcache").CombinedOutput(); err != nil {
			t.Errorf("clean the module cache: %v\n%s", err, out)
		}
	})
}

func writeZip(t *testing.T, file, prefix string, content map[string]string) {
	t.Helper()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	archive := zip.NewWriter(out)
	for name, text := range content {
		entry, err := archive.Create(prefix + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func stat(t *testing.T, file string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
