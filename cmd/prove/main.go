// Command prove runs the proofs and measurements that take too long for a test or
// need the machine to themselves. Each is a package below this one, whose comment
// says what it proves. The tests run a short variant of most of them.
//
//	prove rules         every edit of a rule is noticed by one of its cases
//	prove weeks         quiet weeks and clock changes page nobody, and seasonal faults are found
//	prove crash         no crash makes a number wrong
//	prove speed         events per second, compared with a consumer that only counts
//	prove state         the durable store with millions of records
//	prove dashboards    how long each dashboard takes to open
//	prove analytics     how long insights takes to answer about twelve months
//	prove documents     the built-in reports, made from a running demo
//	prove doors         hostile clients neither bring a daemon down nor change anything
//	prove verdicts      experiments whose effects are known get the right verdicts
//
// Run it in the root of the module: `go run ./cmd/prove crash`.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kingpin/v2"

	"belfry/cmd/prove/analytics"
	"belfry/cmd/prove/cost"
	"belfry/cmd/prove/crash"
	"belfry/cmd/prove/dashboards"
	"belfry/cmd/prove/documents"
	"belfry/cmd/prove/doors"
	"belfry/cmd/prove/rules"
	"belfry/cmd/prove/speed"
	"belfry/cmd/prove/state"
	"belfry/cmd/prove/totals"
	"belfry/cmd/prove/verdicts"
	"belfry/cmd/prove/weeks"
)

// command adds a subcommand to the program and returns the function that runs it.
type command func(*kingpin.Application) (*kingpin.CmdClause, func(context.Context) error)

// commands has the order of the help.
var commands = []command{rules.Command, weeks.Command, crash.Command, speed.Command, state.Command, dashboards.Command,
	totals.Command, cost.Command, analytics.Command, doors.Command, verdicts.Command, documents.Command}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	app := kingpin.New("prove", "Proofs and measurements of Belfry.")
	app.HelpFlag.Short('h')
	run := map[string]func(context.Context) error{}
	for _, add := range commands {
		clause, do := add(app)
		run[clause.FullCommand()] = do
	}
	name := kingpin.MustParse(app.Parse(os.Args[1:]))
	if err := run[name](ctx); err != nil {
		fmt.Fprintf(os.Stderr, "prove %s: %v\n", name, err)
		stop()
		os.Exit(1)
	}
}
