package stack

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os/exec"
)

// Find returns the files of programs that run the shipped configuration. For a
// program in named it uses that file or command, which must be of a release that
// versions.yaml accepts. For the others it uses the pinned build if there is one,
// else the program on PATH if its release is accepted, and builds the rest.
// progress receives a line for each program that is not the pinned one, and those
// of [Ensure].
func Find(ctx context.Context, named Paths, progress io.Writer, programs ...Program) (Paths, error) {
	dir, err := defaultDir()
	if err != nil {
		return nil, err
	}
	p, err := shipped()
	if err != nil {
		return nil, err
	}
	return p.findIn(ctx, dir, named, progress, programs)
}

func (p pins) findIn(
	ctx context.Context, dir string, named Paths, progress io.Writer, programs []Program,
) (Paths, error) {
	wanted, err := p.find(programs)
	if err != nil {
		return nil, err
	}
	found := Paths{}
	var rest []build
	for _, b := range wanted {
		file := ""
		switch {
		case named[b.program] != "":
			file, err = b.takeNamed(ctx, named[b.program])
		case !b.isAt(b.file(dir)):
			file = b.takeFromPath(ctx, progress)
		}
		if err != nil {
			return nil, err
		}
		if file == "" {
			rest = append(rest, b)
			continue
		}
		found[b.program] = file
	}
	built, err := ensure(ctx, dir, progress, rest)
	maps.Copy(found, built)
	return found, err
}

// takeNamed returns the file of a program that the caller has named.
func (b build) takeNamed(ctx context.Context, name string) (file string, err error) {
	if file, err = exec.LookPath(name); err != nil {
		return "", fmt.Errorf("find %s: %w", b.program, err)
	}
	r, err := releaseOf(ctx, file)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", b.program, err)
	}
	if !b.accepts.include(r) {
		return "", fmt.Errorf("find %s: %s is %s: use %s", b.program, file, r, b.accepts)
	}
	return file, nil
}

// takeFromPath returns the file of the program on PATH, or "" if there is none of
// an accepted release.
func (b build) takeFromPath(ctx context.Context, progress io.Writer) string {
	file, err := exec.LookPath(string(b.program))
	if err != nil {
		return ""
	}
	r, err := releaseOf(ctx, file)
	switch {
	case err != nil:
		fmt.Fprintf(progress, "not using %s: %v\n", file, err)
	case !b.accepts.include(r):
		fmt.Fprintf(progress, "not using %s, which is %s: use %s\n", file, r, b.accepts)
	default:
		fmt.Fprintf(progress, "using %s %s at %s\n", b.program, r, file)
		return file
	}
	return ""
}
