package stack

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// release holds the numbers of a program's release, such as 3.16.0.
type release [3]int

// parseRelease reads a release with or without a leading v. It ignores what
// follows the numbers, as in 3.9.0-rc.1 or 3.8.1+ds.
func parseRelease(text string) (r release, ok bool) {
	match := numbers.FindStringSubmatch(text)
	if match == nil {
		return r, false
	}
	for i := range r {
		r[i], _ = strconv.Atoi(match[i+1]) // digits, few enough
	}
	return r, true
}

var numbers = regexp.MustCompile(`^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:$|[-+~])`)

func (r release) String() string { return fmt.Sprintf("%d.%d.%d", r[0], r[1], r[2]) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *release) UnmarshalText(text []byte) error {
	parsed, ok := parseRelease(string(text))
	if !ok {
		return fmt.Errorf("release %q: write three numbers, such as 1.2.3", text)
	}
	*r = parsed
	return nil
}

// releases describes a range of releases: from the first, and below one that is
// too new. The zero value is empty.
type releases struct {
	From  release `yaml:"from"`
	Below release `yaml:"below"`
}

func (a releases) include(r release) bool {
	return slices.Compare(r[:], a.From[:]) >= 0 && slices.Compare(r[:], a.Below[:]) < 0
}

func (a releases) String() string { return fmt.Sprintf("%s or newer, below %s", a.From, a.Below) }

// printed finds the release in what a program prints for --version.
var printed = regexp.MustCompile(`\bversion:? v?(\d+\.\d+\.\d+\S*)`)

// askWithin limits how long a program may take to print its version.
const askWithin = 10 * time.Second

// releaseOf returns the release of a program: the one that it prints or, if it
// prints none because `go install` built it, that of its module.
func releaseOf(ctx context.Context, file string) (release, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	out, err := exec.CommandContext(ctx, file, "--version").CombinedOutput()
	if err != nil {
		return release{}, fmt.Errorf("%s --version: %w", file, err)
	}
	if match := printed.FindSubmatch(out); match != nil {
		if r, ok := parseRelease(string(match[1])); ok {
			return r, nil
		}
	}
	if info, err := buildinfo.ReadFile(file); err == nil {
		if r, ok := parseRelease(releaseOfModule(info.Main.Path, info.Main.Version)); ok {
			return r, nil
		}
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return release{}, fmt.Errorf("%s --version: no version in %q", file, first)
}

// releaseOfModule returns the release for a module's version. Prometheus numbers
// them differently: 3.16.0 is v0.316.0.
func releaseOfModule(module, version string) string {
	if module != "github.com/prometheus/prometheus" {
		return version
	}
	r, ok := parseRelease(version)
	if !ok || r[0] != 0 {
		return version
	}
	return release{r[1] / 100, r[1] % 100, r[2]}.String()
}
