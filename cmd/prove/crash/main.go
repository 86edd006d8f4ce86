// Command crashtest proves that no crash makes a number wrong.
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
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	o := options{}
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the events and of the kills")
	flag.IntVar(&o.events, "events", 500_000, "events to publish")
	flag.IntVar(&o.kills, "kills", 20, "how often to kill the exporter")
	flag.Float64Var(&o.rate, "rate", 3000, "events to publish in a second")
	flag.DurationVar(&o.hold, "hold", 5*time.Second, "how long the exporter shows new series at 0")
	flag.DurationVar(&o.settle, "settle", time.Minute, "how long the numbers may take to become right in the end")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report, err := run(ctx, o, os.Stderr)
	if report != nil {
		fmt.Print(report)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "crashtest:", err)
		stop()
		os.Exit(1)
	}
}
