// Package doors proves that nothing that clients send or leave undone over HTTP brings a
// daemon down, hides its metrics or changes what people did.
//
// It runs the exporter, `belfry alerts serve` and `belfry insights serve` as processes of
// their own, beside a real NATS server, Prometheus and Alertmanager. An alert fires and is
// acknowledged. Then clients of many kinds attack every daemon at once: slow, endless,
// huge, many, forged, foreign, half-open, garbled, and some that never read. Meanwhile
// events are published, and a Prometheus scrapes each daemon ten times in ten seconds.
//
// It checks that
//
//   - every scrape is answered, and no daemon has ever used more than 150 MB of memory;
//   - no message that is forged or foreign is accepted;
//   - the history of alerts is the same before and after, and the alert still acknowledged;
//   - what the exporter counted equals the truth of the simulator;
//   - every daemon is ready in the end.
package doors

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

// options set the size of an attack.
type options struct {
	length time.Duration
	events int // published during the attack
	share  int // divides the number of clients; a short attack has fewer
}

// maxMemory is the most resident memory that a daemon may ever have used, in bytes.
const maxMemory = 150 << 20

// Command adds the subcommand doors.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("doors", "Attack the daemons over HTTP and prove that they keep answering.")
	o := options{share: 1}
	c.Flag("length", "How long to attack.").Default("10m").DurationVar(&o.length)
	c.Flag("events", "Events to publish meanwhile.").Default("100000").IntVar(&o.events)
	return c, func(ctx context.Context) error { return run(ctx, o, os.Stdout) }
}

// run attacks, and prints what it found for each daemon. If the proof fails, the files are
// kept and the error says where.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "belfry-doors-")
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			err = os.RemoveAll(dir)
		} else {
			err = fmt.Errorf("%w\nlogs and state are in %s", err, dir)
		}
	}()
	w := &world{options: o, dir: dir, out: out}
	defer func() { err = w.stop(err) }()
	if err := w.start(ctx); err != nil {
		return err
	}
	before, err := w.history(ctx)
	if err != nil {
		return err
	}
	report, err := w.attack(ctx)
	if err != nil {
		return err
	}
	return w.judge(ctx, report, before)
}
