// Package crash proves that no crash makes a number wrong.
//
// It publishes simulated events, with their duplicates and in their disorder, to
// a real NATS server, and has belfry-exporter, the program itself, fold them.
// Meanwhile it kills the exporter with SIGKILL again and again: while it writes a
// checkpoint, while it folds again what it had shown before the last kill, while
// it answers a scrape, and at moments drawn at random; each time it starts it anew
// at once. All the while /metrics is scraped five times a second by the test, and
// every second by a real Prometheus under the shipped scrape configuration.
//
// It holds the exporter to its word:
//
//   - no counter, bucket, count or sum of the business and event-quality families
//     ever goes down from one scrape to the next, and none is first seen above 0;
//   - in the end every figure equals the truth of the simulator;
//   - what a Prometheus has counted, sample by sample, equals it too: the sum of
//     the differences between the raw samples of each series.
//
// Everything random comes from the seed, but the kills meet a program that runs
// in real time: two runs with one seed are alike, not equal.
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
