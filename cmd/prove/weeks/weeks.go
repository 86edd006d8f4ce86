// Package weeks proves that weeks without a fault page nobody, and that the
// seasonal alerts find faults in the traffic and nothing else.
//
// It draws the counters of a platform whose traffic follows the hours of the day
// and the days of the week, and evaluates the shipped rules on them in simulated
// time.
//
//	prove weeks quiet    three normal weeks with a restart: nothing pages
//	prove weeks season   seventeen days with an outage, a halving and a spike: the
//	                     seasonal alerts fire for these, and not on a Monday morning
//	prove weeks clock    a year with two clock changes, of users in one, two and three
//	                     time zones: no seasonal alert fires
//	prove weeks faults   faults at every hour of the weeks after the clock changes: the
//	                     seasonal alerts find them as in an ordinary week
//	prove weeks urgent   each fault that pages, for an hour: it pages once and in time, and
//	                     not again when it is over, while a second fault then pages
package weeks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

// report holds the results of a run. Err says what they disprove.
type report interface {
	fmt.Stringer
	Err() error
}

// runs maps names to runs, and names has their order.
var (
	runs = map[string]func(ctx context.Context, dir string, seed uint64) (report, error){
		"quiet": func(ctx context.Context, dir string, seed uint64) (report, error) {
			return quiet(ctx, dir, seed, threeWeeks)
		},
		"season": func(ctx context.Context, dir string, seed uint64) (report, error) {
			return seasonal(ctx, dir, seed)
		},
		"clock": func(ctx context.Context, dir string, seed uint64) (report, error) {
			return clockYear(ctx, dir, seed)
		},
		"faults": func(ctx context.Context, dir string, seed uint64) (report, error) {
			return clockFaults(ctx, dir, seed)
		},
		"urgent": func(ctx context.Context, dir string, seed uint64) (report, error) {
			return urgentFaults(ctx, dir, seed)
		},
	}
	names = []string{"quiet", "season", "clock", "faults", "urgent"}
	// long lists those that only run by name.
	long = []string{"clock", "faults", "urgent"}
)

// Command adds the subcommand weeks.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("weeks",
		"Simulate quiet weeks, which must not page, weeks with seasonal faults, and clock changes.")
	seed := c.Flag("seed", "Seed of the random counts.").Default("1").Uint64()
	only := c.Arg("run", "Run only this one: quiet, season, clock, faults or urgent; by default, quiet and season.").
		Enum(names...)
	return c, func(ctx context.Context) error {
		for _, name := range names {
			if *only != name && (*only != "" || slices.Contains(long, name)) {
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

// monday returns the beginning of a week in UTC, that number of weeks before this
// one. Runs are in the past, because a real Prometheus reads what they write.
func monday(weeksAgo int) time.Time {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	return today.AddDate(0, 0, -(int(today.Weekday())+6)%7-7*weeksAgo)
}

// join makes one error of the mistakes.
func join(mistakes []string) error {
	var all []error
	for _, m := range mistakes {
		all = append(all, errors.New(m))
	}
	return errors.Join(all...)
}
