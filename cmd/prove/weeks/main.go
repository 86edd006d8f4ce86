// Command longrun lets weeks of a platform's life pass in minutes, to see what
// the shipped rules say when nothing is wrong and when something is.
//
// It draws the counters of a platform whose traffic follows the hours of the day
// and the days of the week, writes them into a Prometheus database with the
// Prometheus library, and lets that library's own rule engine evaluate the
// shipped rules at their own intervals, in simulated time.
//
//	longrun quiet    three normal weeks with a restart: nothing pages
//	longrun season   seventeen days, an outage, a halving and a spike: the
//	                 seasonal bands tell them from a Monday morning
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	seed := flag.Uint64("seed", 1, "what the counts are drawn from")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, flag.Arg(0), *seed); err != nil {
		fmt.Fprintln(os.Stderr, "longrun:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, which string, seed uint64) error {
	dir, err := os.MkdirTemp("", "belfry-longrun-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	start := time.Now()
	var report fmt.Stringer
	switch which {
	case "quiet":
		report, err = quiet(ctx, dir, seed, threeWeeks)
	case "season":
		report, err = seasonal(ctx, dir, seed)
	default:
		return fmt.Errorf("%q is no run; it is quiet or season", which)
	}
	if err != nil {
		return err
	}
	fmt.Printf("%sin %s\n", report, time.Since(start).Round(time.Second))
	if failed, ok := report.(interface{ Err() error }); ok {
		return failed.Err()
	}
	return nil
}

// monday is the beginning of a week, so many weeks before this one, in UTC. Runs
// lie in the past of the real clock, because a Prometheus is to read them.
func monday(weeksAgo int) time.Time {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	return today.AddDate(0, 0, -(int(today.Weekday())+6)%7-7*weeksAgo)
}

// join makes one error of what went wrong.
func join(mistakes []string) error {
	var all []error
	for _, m := range mistakes {
		all = append(all, errors.New(m))
	}
	return errors.Join(all...)
}
