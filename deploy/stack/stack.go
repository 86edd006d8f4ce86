// Package stack provides the real servers that the demo and the tests run
// against: Prometheus, Alertmanager, their command-line tools, and the NATS
// server.
//
// versions.yaml pins their versions. [Ensure] builds what is missing; it only
// needs the Go toolchain. Tests use it, so that they all run the same versions.
// [Find] prefers programs that the machine already has, in a version that reads
// the shipped configuration; the demo uses it. [StartPrometheus] and
// [StartAlertmanager] run a server and wait until it is ready:
//
//	programs, err := stack.Ensure(ctx, "", os.Stderr, stack.Prometheus)
//	…
//	server, err := stack.StartPrometheus(ctx, stack.Options{
//		Binary: programs[stack.Prometheus], ConfigFile: config, DataDir: data, Port: 9090, LogFile: log,
//	})
//	…
//	defer server.Stop()
//
// The servers cannot be dependencies in Belfry's go.mod: Prometheus requires a
// newer Alertmanager as a library than can be installed as a program, and a
// module graph has one version of each. A program that is installed by version
// brings its own graph.
//
// There is no record of what has been built. A Go program carries its module,
// version and build tags. This package reads them from the file, so it notices
// when the pins and the programs differ.
package stack

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"sync"
	"time"

	"gopkg.in/yaml.v3"
)

// Program names one of the pinned programs, as on a command line.
type Program string

// The programs of versions.yaml.
const (
	Prometheus   Program = "prometheus"
	Promtool     Program = "promtool"
	Alertmanager Program = "alertmanager"
	Amtool       Program = "amtool"
	NATSServer   Program = "nats-server"
)

//go:embed versions.yaml
var versionsYAML []byte

// shipped parses the embedded versions.yaml once.
var shipped = sync.OnceValues(func() (pins, error) { return parse(versionsYAML) })

// pins holds the content of versions.yaml.
type pins struct {
	builds []build
	images []string
}

// build describes one program at one version.
type build struct {
	program Program
	pkg     string // import path of the main package
	module  string
	version string // a canonical module version, such as v1.2.3
	tags    string // comma-separated build tags, or empty
	accepts releases
	takes   time.Duration // to build all commands of the module
}

// target names the package and its version for `go install`.
func (b build) target() string { return b.pkg + "@" + b.version }

// oneGo reports whether both are built by one `go install`, which compiles
// nothing twice.
func (b build) oneGo(other build) bool {
	return b.module == other.module && b.version == other.version && b.tags == other.tags
}

// duration reads a time.Duration from YAML.
type duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// versions mirrors the file.
type versions struct {
	Modules []struct {
		Module   string   `yaml:"module"`
		Version  string   `yaml:"version"`
		Tags     string   `yaml:"tags"`
		Commands []string `yaml:"commands"`
		Image    string   `yaml:"image"`
		Accepts  releases `yaml:"accepts"`
		Takes    duration `yaml:"takes"`
	} `yaml:"modules"`
	Images []string `yaml:"images"`
}

var (
	canonicalVersion = regexp.MustCompile(`^v\d+\.\d+\.\d+$`)
	majorSuffix      = regexp.MustCompile(`^v[2-9]\d*$|^v1\d+$`)
	fileName         = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	pinnedImage      = regexp.MustCompile(`^[a-z0-9/_-]+:v?\d+\.\d+\.\d+(-[a-z0-9]+)?$`)
)

// parse reads a versions file. It rejects anything that does not pin one exact
// version: a branch, "latest", an image tag that moves.
func parse(data []byte) (pins, error) {
	var file versions
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return pins{}, fmt.Errorf("read versions.yaml: %w", err)
	}

	var p pins
	for _, m := range file.Modules {
		if !canonicalVersion.MatchString(m.Version) {
			return pins{}, fmt.Errorf("read versions.yaml: invalid version %q of module %q: use an exact release, such as v1.2.3",
				m.Version, m.Module)
		}
		for _, dir := range m.Commands {
			pkg := path.Join(m.Module, dir)
			p.builds = append(p.builds, build{
				program: commandName(pkg), pkg: pkg, module: m.Module, version: m.Version, tags: m.Tags,
				accepts: m.Accepts, takes: time.Duration(m.Takes),
			})
		}
		p.images = append(p.images, m.Image)
	}
	p.images = append(p.images, file.Images...)
	return p, p.validate()
}

func (p pins) validate() error {
	if len(p.builds) == 0 {
		return errors.New("read versions.yaml: no commands: list at least one module with commands")
	}
	seen := map[Program]bool{}
	for _, b := range p.builds {
		if !fileName.MatchString(string(b.program)) {
			return fmt.Errorf("read versions.yaml: %q does not end in a command name", b.pkg)
		}
		if seen[b.program] {
			return fmt.Errorf("read versions.yaml: two commands are called %q", b.program)
		}
		seen[b.program] = true
	}
	for _, image := range p.images {
		if !pinnedImage.MatchString(image) {
			return fmt.Errorf("read versions.yaml: invalid image %q: use name:version without a registry host, such as nats:1.2.3",
				image)
		}
	}
	return nil
}

// commandName returns the file name that `go install` gives a main package: the
// last element of its path, or the one before a major version.
func commandName(pkg string) Program {
	name := path.Base(pkg)
	if majorSuffix.MatchString(name) {
		name = path.Base(path.Dir(pkg))
	}
	return Program(name)
}

// find returns the builds of the named programs, or of all if none is named.
func (p pins) find(programs []Program) ([]build, error) {
	if len(programs) == 0 {
		return p.builds, nil
	}
	var found []build
	for _, program := range programs {
		i := slices.IndexFunc(p.builds, func(b build) bool { return b.program == program })
		if i < 0 {
			return nil, fmt.Errorf("program %q is not in versions.yaml", program)
		}
		found = append(found, p.builds[i])
	}
	return found, nil
}
