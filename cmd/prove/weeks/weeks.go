// Package weeks lets weeks of a platform's life pass in minutes, to see what the
// shipped rules say when nothing is wrong and when something is.
//
// It draws the counters of a platform whose traffic follows the hours of the day
// and the days of the week, writes them into a Prometheus database with the
// Prometheus library, and lets that library's own rule engine evaluate the
// shipped rules at their own intervals, in simulated time.
//
//	prove weeks quiet    three normal weeks with a restart: nothing pages
//	prove weeks season   seventeen days, an outage, a halving and a spike: the
//	                     seasonal bands tell them from a Monday morning
package weeks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

// report is what a run has found.
type report interface {
	fmt.Stringer
	Err() error // what must not be so
}

// runs are the runs by name, and names the same in order.
var (
	runs = map[string]func(ctx context.Context, dir string, seed uint64) (report, error){
		"quiet": func(ctx context.Context, dir string, seed uint64) (report, error) {
			return quiet(ctx, dir, seed, threeWeeks)
		},
		"season": func(ctx context.Context, dir string, seed uint64) (report, error) { return seasonal(ctx, dir, seed) },
	}
	names = []string{"quiet", "season"}
)

// Command adds the subcommand weeks.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("weeks", "Let weeks pass in simulated time: quiet ones, and some with seasonal faults.")
	seed := c.Flag("seed", "Seed of the counts.").Default("1").Uint64()
	only := c.Arg("run", "Run this one only: quiet or season.").Enum(names...)
	return c, func(ctx context.Context) error {
		for _, name := range names {
			if *only != "" && *only != name {
				continue
			}
			if err := run(ctx, os.Stdout, name, *seed); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}
}

func run(ctx context.Context, out io.Writer, name string, seed uint64) error {
	dir, err := os.MkdirTemp("", "belfry-weeks-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	start := time.Now()
	r, err := runs[name](ctx, dir, seed)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%sin %s\n", r, time.Since(start).Round(time.Second))
	return r.Err()
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
