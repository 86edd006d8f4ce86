package daemon

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter/strict"
)

var (
	unknownFlag    = regexp.MustCompile(`^unknown long flag '--(?:no-)?([^']+)'$`)
	unknownCommand = regexp.MustCompile(`^expected command but got "([^"]+)"$`)
)

// UsageError adds to an error of [kingpin.Application.Parse] the nearest flag or command,
// where the name is unknown, and which help to read: that of the command in args.
func UsageError(app *kingpin.Application, args []string, err error) error {
	at := reached{app.Model().FlagGroupModel.Flags, app.Model().CmdGroupModel, app.Name}
	if parsed, _ := app.ParseContext(args); parsed != nil && parsed.SelectedCommand != nil {
		at.descend(strings.Fields(parsed.SelectedCommand.FullCommand()))
	}
	near := ""
	if m := unknownFlag.FindStringSubmatch(err.Error()); m != nil {
		near = at.nearestFlag(m[1])
	} else if m := unknownCommand.FindStringSubmatch(err.Error()); m != nil {
		near = at.nearestCommand(m[1])
	}
	if near != "" {
		near = fmt.Sprintf("; did you mean %s?", near)
	}
	return fmt.Errorf("%w%s; see %s --help", err, near, at.name)
}

// reached is what is known at the command that a command line has reached.
type reached struct {
	flags    []*kingpin.FlagModel
	commands *kingpin.CmdGroupModel
	name     string
}

// descend goes to a command below.
func (r *reached) descend(path []string) {
	for _, word := range path {
		for _, c := range r.commands.Commands {
			if c.Name == word {
				r.flags = append(r.flags, c.Flags...)
				r.commands, r.name = c.CmdGroupModel, r.name+" "+word
				break
			}
		}
	}
}

func (r *reached) nearestFlag(name string) string {
	var names []string
	for _, f := range r.flags {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	if near := strict.Nearest(name, names); near != "" {
		return "--" + near
	}
	return ""
}

func (r *reached) nearestCommand(name string) string {
	var names []string
	for _, c := range r.commands.Commands {
		names = append(names, c.Name)
	}
	return strict.Nearest(name, names)
}

// directory is the value of a flag for a directory that exists.
type directory struct {
	flag string
	to   *string
}

// DirectoryVar makes the flag one for a directory that exists.
func DirectoryVar(flag *kingpin.FlagClause, to *string) {
	flag.SetValue(directory{flag.Model().Name, to})
}

func (d directory) String() string { return *d.to }

// Set implements kingpin.Value.
func (d directory) Set(path string) error {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return fmt.Errorf("--%s: there is no directory %s: make it, or correct the path", d.flag, path)
	case err != nil:
		return fmt.Errorf("--%s: %w", d.flag, err)
	case !info.IsDir():
		return fmt.Errorf("--%s: %s is a file: name a directory", d.flag, path)
	}
	*d.to = path
	return nil
}
