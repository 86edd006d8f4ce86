// Package crash proves that no crash makes a number wrong.
//
// It publishes simulated events, duplicated and out of order as in real traffic,
// to a real NATS server, from which the program belfry-exporter reads them.
// Meanwhile it kills the exporter with SIGKILL again and again and restarts it at
// once: while it writes a checkpoint, while it replays what it had shown before
// the last kill, while it answers a scrape, and at random times. The test scrapes
// /metrics five times a second, and a real Prometheus scrapes it every second
// with the shipped configuration.
//
// It checks what the exporter promises:
//
//   - no counter, bucket, count or sum of the business and event-quality families
//     ever goes down from one scrape to the next, and none is first seen above 0;
//   - in the end every figure equals the truth of the simulator;
//   - so does what Prometheus has counted: the sum of the differences between the
//     raw samples of each series.
//
// The seed decides everything random, but the exporter runs in real time: two
// runs with one seed are alike, not equal.
package crash

import (
	"context"
	"fmt"
	"os"

	"github.com/alecthomas/kingpin/v2"
)

// Command adds the subcommand crash.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("crash", "Kill the exporter again and again and prove that its numbers stay exact.")
	var o options
	c.Flag("seed", "Seed of the events and of the kills.").Default("1").Uint64Var(&o.seed)
	c.Flag("events", "Events to publish.").Default("500000").IntVar(&o.events)
	c.Flag("kills", "How often to kill the exporter.").Default("20").IntVar(&o.kills)
	c.Flag("rate", "Events to publish per second.").Default("3000").Float64Var(&o.rate)
	c.Flag("hold", "How long the exporter shows new series at 0.").Default("5s").DurationVar(&o.hold)
	c.Flag("settle", "How long the numbers may take to become right in the end.").Default("1m").DurationVar(&o.settle)
	return c, func(ctx context.Context) error {
		r, err := run(ctx, o, os.Stderr)
		if r != nil {
			fmt.Print(r)
		}
		return err
	}
}
