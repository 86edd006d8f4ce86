package main

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter/daemon"
)

// eachFlag calls f with every flag and every argument of every subcommand that has a
// value, and with a new application that declares it.
func eachFlag(t *testing.T, f func(t *testing.T, app *kingpin.Application, words []string, value kingpin.Value)) {
	t.Helper()
	for _, add := range subcommands {
		declare := func() (*kingpin.Application, *kingpin.CmdModel, []string) {
			app := kingpin.New("belfry", "").Terminate(nil).UsageWriter(io.Discard).ErrorWriter(io.Discard)
			c := add(app)
			model := c.clause.Model()
			daemon.TakeDashes(c.clause, model.FlagGroupModel, model.ArgGroupModel)
			return app, c.clause.Model(), strings.Fields(c.clause.FullCommand())
		}
		_, model, words := declare()
		for i, flag := range model.Flags {
			if !flag.IsBoolFlag() {
				t.Run(strings.Join(words, "-")+"-"+flag.Name, func(t *testing.T) {
					app, model, words := declare()
					f(t, app, append(words, "--"+flag.Name), model.Flags[i].Value)
				})
			}
		}
		for i, arg := range model.Args {
			t.Run(strings.Join(words, "-")+"-"+arg.Name, func(t *testing.T) {
				app, model, words := declare()
				f(t, app, words, model.Args[i].Value)
			})
		}
	}
}

// A - that stands alone reaches every flag and every argument as it is, or is refused.
func TestADashIsNotNothing(t *testing.T) {
	eachFlag(t, func(t *testing.T, app *kingpin.Application, words []string, value kingpin.Value) {
		before := value.String()
		_, err := app.Parse(append(words, "-"))
		if got := value.String(); strings.Contains(got, "-") && got != before {
			return
		}
		if err == nil || !strings.Contains(err.Error(), "-") {
			t.Errorf("%s - gives the value %q (%v)", strings.Join(words, " "), value, err)
		}
	})
}

// An empty value is refused for every flag and every argument, before anything happens.
func TestEmptyIsRefused(t *testing.T) {
	eachFlag(t, func(t *testing.T, _ *kingpin.Application, words []string, _ kingpin.Value) {
		belfry(t, "", append(words, "")...).expect(t, 2, `^belfry: (the value of --\S+|an argument) is empty: give `)
		if flag := words[len(words)-1]; strings.HasPrefix(flag, "--") {
			words[len(words)-1] += "="
			belfry(t, "", words...).
				expect(t, 2, `^belfry: the value of `+flag+` is empty: give one, or leave the flag out\n$`)
		}
	})
}

// Arguments that begin with @ do not name a file with more arguments.
func TestArgumentsAreNotReadFromFiles(t *testing.T) {
	belfry(t, "", "forget", "--user", "@alice", "--user-key-file=none").expect(t, 1, "load user key: open none")
}

// Standard input is read once.
func TestStandardInputTwice(t *testing.T) {
	belfry(t, "{}", "check", "-", "--experiments", "-").expect(t, 1, "standard input is named twice")
	belfry(t, "{}", "replay", "-", "--config.file", "-").expect(t, 1, "standard input is named twice")
	belfry(t, "", "simulate", "--events=1", "--truth", "-").
		expect(t, 1, "the events and --truth both go to standard output")
}

// A variable that is set but empty is refused, as the flag is.
func TestEmptyVariableIsRefused(t *testing.T) {
	t.Setenv("BELFRY_NATS_URL", "")
	belfry(t, "", "alerts", "list").
		expect(t, 2, `^belfry: the environment variable BELFRY_NATS_URL is empty: give it a value, or unset it\n$`)
}

// Every flag for a number says which numbers it takes: kingpin's own values take negative
// ones, and NaN.
func TestFlagsOfNumbersHaveARange(t *testing.T) {
	eachFlag(t, func(t *testing.T, _ *kingpin.Application, _ []string, value kingpin.Value) {
		kind := fmt.Sprintf("%T", value)
		if dashed := reflect.ValueOf(value); dashed.Kind() == reflect.Struct && dashed.NumField() == 1 {
			kind = dashed.Field(0).Elem().Type().String() // inside what takes a - alone
		}
		switch kind {
		case "*kingpin.intValue", "*kingpin.float64Value", "*kingpin.durationValue", "*kingpin.bytesValue":
			t.Errorf("the value is a %s: use one of package daemon", kind)
		}
	})
}
