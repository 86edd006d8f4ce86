// Command belfry holds everything around the exporter: it generates rules, routing
// and dashboards, simulates and replays traffic, verifies metrics against known
// totals, records the history of alerts, and runs the whole system as a demo.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter/daemon"
	"belfry/exporter/glyph"
	"belfry/exporter/mask"
)

// process holds what a subcommand may use of its process.
type process struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	inputTaken     bool // standard input has been opened
}

// command pairs the clause of a subcommand with the function that runs it.
type command struct {
	clause *kingpin.CmdClause
	run    func(ctx context.Context, p *process) error
}

// subcommands lists the functions that declare the subcommands, in the order of the
// help.
var subcommands = []func(*kingpin.Application) command{
	demoCommand,
	simulateCommand,
	replayCommand,
	verifyCommand,
	generateCommand,
	previewCommand,
	checkCommand,
	checkRulesCommand, renderRulesCommand, pushRulesCommand, backtestCommand, listMetricsCommand,
	exportCommand,
	importCommand,
	listDeadLettersCommand,
	showDeadLetterCommand,
	requeueCommand,
	forgetCommand,
	serveAlertsCommand, listAlertsCommand, acknowledgeCommand, unacknowledgeCommand,
	alertHistoryCommand, watchAlertsCommand,
	serveInsightsCommand, analyticsCommand,
	recommendationsCommand,
	experimentsCommand, abtestCommand, sampleSizeCommand,
	anomaliesCommand, forecastCommand,
	makeReportCommand, listReportsCommand, sendReportCommand,
	versionCommand,
}

// errSilent makes the exit code 1 without another message.
var errSilent = errors.New("already reported")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the process whatever it does
	p := &process{
		stdin: os.Stdin, stdout: glyph.NewWriter(os.Stdout), stderr: mask.NewWriter(glyph.NewWriter(os.Stderr)),
		getenv: os.Getenv,
	}
	os.Exit(run(ctx, os.Args[1:], p))
}

// run parses args, runs the subcommand they name and returns the exit code:
// 0 when it succeeded, 1 when it failed, 2 when the command line is wrong.
func run(ctx context.Context, args []string, p *process) int {
	app := kingpin.New("belfry", "Monitoring for notification platforms.")
	app.UsageWriter(p.stdout).ErrorWriter(p.stderr)
	app.HelpFlag.Short('h')
	showVersion := app.Flag("version", "Show the version and exit.").Bool()
	exit := -1
	app.Terminate(func(code int) { exit = code })
	byName := map[string]command{}
	for _, add := range subcommands {
		c := add(app)
		fromEnvironment(c.clause)
		model := c.clause.Model()
		daemon.TakeDashes(c.clause, model.FlagGroupModel, model.ArgGroupModel)
		byName[c.clause.FullCommand()] = c
	}
	if err := daemon.CheckArguments(args); err != nil {
		fmt.Fprintln(p.stderr, mask.Arguments(fmt.Sprintf("belfry: %v", err), args))
		return 2
	}
	name, err := app.Parse(args)
	if *showVersion { // err may be set, because --version needs no command
		p.printVersion()
		return 0
	}
	switch {
	case exit >= 0:
		return exit
	case err != nil:
		said := fmt.Sprintf("belfry: %v", daemon.UsageError(app, args, err))
		fmt.Fprintln(p.stderr, mask.Arguments(said, args))
		return 2
	}
	if err := daemon.CheckVariables(byName[name].clause.Model().FlagGroupModel, os.LookupEnv); err != nil {
		fmt.Fprintf(p.stderr, "belfry: %v\n", err)
		return 2
	}
	if err := interruptible(ctx, name, func() error { return byName[name].run(ctx, p) }); err != nil {
		if !errors.Is(err, errSilent) {
			fmt.Fprintf(p.stderr, "belfry %s: %v\n", name, err)
		}
		return 1
	}
	return 0
}

func versionCommand(app *kingpin.Application) command {
	return command{app.Command("version", "Show the version."), func(_ context.Context, p *process) error {
		p.printVersion()
		return nil
	}}
}

func (p *process) printVersion() {
	version, revision, goVersion := daemon.Version()
	fmt.Fprintf(p.stdout, "belfry %s, commit %s, %s\n", version, revision, goVersion)
}
