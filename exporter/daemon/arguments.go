package daemon

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter/glyph"
	"belfry/exporter/mask"
)

// An argument such as @all is text. kingpin would read arguments from a file of that
// name.
func init() { kingpin.EnableFileExpansion = false }

// CheckArguments refuses an empty argument: a script whose variable is not set must not
// run with the defaults instead. It refuses line breaks and characters that nobody sees,
// too, which come with text that is copied.
func CheckArguments(args []string) error {
	ended := false // behind -- nothing is a flag
	for i, arg := range args {
		switch name, value, assigned := strings.Cut(arg, "="); {
		case arg == "" && i > 0 && !ended && strings.HasPrefix(args[i-1], "--"):
			return fmt.Errorf("the value of %s is empty: give one, or leave the flag out", args[i-1])
		case arg == "":
			return errors.New("an argument is empty: give a value, or leave it out")
		case !ended && assigned && value == "" && strings.HasPrefix(arg, "--"):
			return fmt.Errorf("the value of %s is empty: give one, or leave the flag out", name)
		default:
			if err := glyph.Check(arg); err != nil {
				return fmt.Errorf("the argument %q: %w", arg, err)
			}
		}
		ended = ended || arg == "--"
	}
	return nil
}

// clause declares flags and arguments, as [kingpin.Application] and
// [kingpin.CmdClause] do.
type clause interface {
	GetFlag(name string) *kingpin.FlagClause
	GetArg(name string) *kingpin.ArgClause
}

// TakeDashes has the flags and arguments of a clause take a - that stands alone as it
// is. kingpin takes it for a flag without a name and passes "", which CheckArguments
// refuses elsewhere.
func TakeDashes(c clause, flags *kingpin.FlagGroupModel, args *kingpin.ArgGroupModel) {
	for _, f := range flags.Flags {
		if !f.IsBoolFlag() {
			c.GetFlag(f.Name).SetValue(dashed{f.Value})
		}
	}
	for _, a := range args.Args {
		c.GetArg(a.Name).SetValue(dashed{a.Value})
	}
}

// dashed is the value of a flag or an argument that can be "-".
type dashed struct{ kingpin.Value }

// Set implements kingpin.Value.
func (d dashed) Set(text string) error {
	if text == "" {
		text = "-"
	}
	return d.Value.Set(text)
}

// IsCumulative reports whether the flag or the argument can be repeated.
func (d dashed) IsCumulative() bool {
	repeatable, ok := d.Value.(interface{ IsCumulative() bool })
	return ok && repeatable.IsCumulative()
}

// fileValue is the value of a flag or an argument for a file or a directory.
type fileValue struct {
	name string
	to   *string
}

// FileVar makes the flag one for a file or a directory that cannot be standard input or
// output, because it is read more than once, or by another program.
func FileVar(flag *kingpin.FlagClause, to *string) {
	flag.SetValue(fileValue{"--" + flag.Model().Name, to})
}

// FileArg does for an argument what [FileVar] does for a flag.
func FileArg(arg *kingpin.ArgClause, to *string) {
	arg.SetValue(fileValue{"<" + arg.Model().Name + ">", to})
}

func (f fileValue) String() string { return *f.to }

// Set implements kingpin.Value.
func (f fileValue) Set(path string) error {
	if path == "-" {
		return fmt.Errorf("%s cannot be -: name a file or a directory", f.name)
	}
	*f.to = path
	return nil
}

// EnvironmentDefaults takes the defaults of flags from environment variables, whose names
// variable returns. A variable with a value that [CheckArguments] refuses is an error.
func EnvironmentDefaults(
	c clause, flags *kingpin.FlagGroupModel, variable func(flag string) string, lookup func(string) (string, bool),
) error {
	var wrong error
	for _, f := range flags.Flags {
		name := variable(f.Name)
		value, set := lookup(name)
		if !set {
			continue
		}
		if err := checkVariable(name, value); err != nil {
			wrong = errors.Join(wrong, err)
			continue
		}
		flag := c.GetFlag(f.Name).Default(value)
		if shown := mask.Text(value); shown != value {
			flag.PlaceHolder(shown)
		}
	}
	return wrong
}

// CheckVariables refuses an environment variable of a flag with a value that
// [CheckArguments] refuses.
func CheckVariables(flags *kingpin.FlagGroupModel, lookup func(string) (string, bool)) error {
	for _, f := range flags.Flags {
		if value, set := lookup(f.Envar); f.Envar != "" && set {
			if err := checkVariable(f.Envar, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkVariable(name, value string) error {
	if value == "" {
		return fmt.Errorf("the environment variable %s is empty: give it a value, or unset it", name)
	}
	if err := glyph.Check(value); err != nil {
		return fmt.Errorf("the environment variable %s: %w", name, err)
	}
	return nil
}
