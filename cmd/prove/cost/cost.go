// Package cost measures what the evaluation of each rule group takes.
//
// It shows the rule engine every series of a platform of the typical size, with one
// partition and with four, a day of what the rules remember of its counters, and the
// increases of two hours. A group that takes more than a twentieth of its interval is an error: Prometheus
// needs the rest for scrapes, queries and bad moments. Rules that look back
// further than a day find nothing here, and take longer on a real server.
package cost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/rules"
)

// share is the greatest part of its interval that a group may take.
const share = 0.05

// measurement holds the flags.
type measurement struct {
	partitions []int
	out        io.Writer
}

// Command adds the subcommand cost.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("cost", "Measure what the evaluation of each rule group takes on a platform of the typical size.")
	m := measurement{out: os.Stdout}
	c.Flag("partitions", "Number of partitions, once for each measurement.").Default("1", "4").IntsVar(&m.partitions)
	return c, func(ctx context.Context) error { return m.run(ctx) }
}

func (m measurement) run(ctx context.Context) error {
	var dear error
	for _, partitions := range m.partitions {
		dir, err := os.MkdirTemp("", "belfry-cost-")
		if err != nil {
			return err
		}
		tooDear, err := m.measure(ctx, dir, partitions)
		if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
			return err
		}
		dear = errors.Join(dear, tooDear)
	}
	return dear
}

// measure evaluates each group twice and prints how long the second time took.
func (m measurement) measure(ctx context.Context, dir string, partitions int) (tooDear, err error) {
	w, err := open(ctx, dir, partitions)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.server.DB.Close()) }()
	if err := w.remember(ctx); err != nil {
		return nil, err
	}
	fmt.Fprintf(m.out, "%d partitions: %d series scraped, %d remembered\n", partitions, len(w.scraped), w.remembered)
	if _, err := w.evaluate(ctx, now); err != nil {
		return nil, err
	}
	took, err := w.evaluate(ctx, now.Add(longest))
	if err != nil {
		return nil, err
	}
	for _, g := range rules.Groups() {
		part := took[g.Name].Seconds() / g.Every.Seconds()
		fmt.Fprintf(m.out, "%-28s every %-4s %8s  %5.2f %%\n",
			g.Name, g.Every, took[g.Name].Round(time.Millisecond), 100*part)
		if part > share {
			tooDear = errors.Join(tooDear, fmt.Errorf("%d partitions: %s takes %.1f %% of its interval, more than %.0f %%",
				partitions, g.Name, 100*part, 100*share))
		}
	}
	return tooDear, nil
}
