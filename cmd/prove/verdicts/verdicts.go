// Package verdicts proves that experiments end as they should, from the events to the
// alerts.
//
// The simulator runs experiments whose true effects are known. Its events go through an
// embedded NATS server into the exporter, whose /metrics are scraped in simulated time;
// the shipped rules record increases. A real Prometheus serves that past to the insights
// service, whose verdicts must be right: the better arm ships, equal arms go on, the arm
// that loses users to an incident is invalid and the one that drives users away is
// stopped. The rules, on the /metrics of the service, raise the alerts that belong to
// them. What insights counts is compared with the simulator's own count, to the unit.
//
// Users have a past before the experiments begin, so that the results are adjusted for
// it.
package verdicts

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/deploy/stack"
	"belfry/exporter/simulate"
)

const day = 24 * time.Hour

// The past ends at until. The verdicts must be right from decided on.
var (
	until   = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)
	decided = until.Add(-watched)
)

// proof holds the flags.
type proof struct {
	before, during time.Duration
	every          time.Duration
	perMinute      float64
	users          int
	seed           uint64
	out            io.Writer
}

// Command adds the subcommand verdicts.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("verdicts", "Compare the verdicts on simulated experiments with what is true about them.")
	p := proof{out: os.Stdout}
	before := c.Flag("before", "Days before the experiments.").Default("30").Int()
	during := c.Flag("during", "Days of the experiments.").Default("7").Int()
	c.Flag("every", "Time between two evaluations of the rules.").Default("5m").DurationVar(&p.every)
	c.Flag("per-minute", "Notifications per minute.").Default("40").Float64Var(&p.perMinute)
	c.Flag("users", "Number of users.").Default("10000").IntVar(&p.users)
	c.Flag("seed", "Seed of the simulation.").Default("1").Uint64Var(&p.seed)
	return c, func(ctx context.Context) error {
		p.before, p.during = time.Duration(*before)*day, time.Duration(*during)*day
		return p.run(ctx)
	}
}

// from is when the traffic begins, started when the experiments do.
func (p proof) from() time.Time    { return p.started().Add(-p.before) }
func (p proof) started() time.Time { return decided.Add(-p.during) }

// traffic returns the simulation. An incident makes the arms of exp_cta uneven.
func (p proof) traffic() simulate.Config {
	return simulate.Config{
		Seed: p.seed, Start: p.from(), Duration: until.Add(-between).Sub(p.from()), PerMinute: p.perMinute,
		Users: p.users, ExperimentsAfter: p.before,
		Incidents: []simulate.Incident{{Name: "srm", Experiment: "exp_cta", Variant: "green"}},
	}
}

func (p proof) run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "belfry-verdicts-")
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, os.RemoveAll(dir)) }()
	began := time.Now()
	counted, err := p.record(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%d events through NATS and the exporter, recorded in %s\n",
		counted.Events, time.Since(began).Round(time.Second))
	server, err := stack.ServeBlocks(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, server.Stop()) }()
	return p.judge(ctx, dir, server.URL, counted)
}
