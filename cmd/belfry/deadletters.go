package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kingpin/v2"
	natsgo "github.com/nats-io/nats.go"
	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/exporter/daemon"
	"belfry/exporter/partition"
	"belfry/nats"
)

// deadLetters holds the flags of the deadletters subcommands.
type deadLetters struct {
	nats   nats.Options
	filter deadLetterFilter
	limit  int
	asJSON bool
	dryRun bool
	ids    []string
}

// deadLettersGroup returns the clause of the group of subcommands.
func deadLettersGroup(app *kingpin.Application) *kingpin.CmdClause {
	if group := app.GetCommand("deadletters"); group != nil {
		return group
	}
	return app.Command("deadletters", "Inspect events that were rejected, and requeue them.")
}

func deadLettersCommand(app *kingpin.Application, name, help string) (*deadLetters, *kingpin.CmdClause) {
	c := deadLettersGroup(app).Command(name, help)
	d := &deadLetters{nats: nats.Options{Name: "belfry-deadletters"}}
	daemon.NATSFlags(c.Flag, &d.nats)
	return d, c
}

func listDeadLettersCommand(app *kingpin.Application) command {
	d, c := deadLettersCommand(app, "list", "List dead letters, the latest last. In a flood of rejected events "+
		"only some are kept; "+catalog.DeadLettersFailed.Name+" counts the others.")
	d.filter.flags(c)
	daemon.IntVar(c.Flag("limit", "List only the latest N; 0 lists all.").Default("50"), &d.limit, 0, math.MaxInt)
	c.Flag("json", "Print the stored dead letters, one JSON object per line.").BoolVar(&d.asJSON)
	return command{c, d.list}
}

func showDeadLetterCommand(app *kingpin.Application) command {
	d, c := deadLettersCommand(app, "show",
		"Show a dead letter: why the event was rejected, and its fields without their values.")
	c.Arg("id", "Partition and sequence, such as 2/4711; repeatable.").Required().StringsVar(&d.ids)
	return command{c, d.show}
}

// deadLetterFilter selects dead letters.
type deadLetterFilter struct {
	reason    string
	partition int
	since     model.Duration
}

// anyPartition selects the dead letters of all partitions.
const anyPartition = "-1"

func (f *deadLetterFilter) flags(c *kingpin.CmdClause) {
	reasons := catalog.LabelRejection.Values
	c.Flag("reason", "Only events rejected for this reason: "+strings.Join(reasons, ", ")+".").
		EnumVar(&f.reason, reasons...)
	daemon.IntVar(c.Flag("partition", "Only events of this partition.").Default(anyPartition),
		&f.partition, -1, catalog.LabelPartition.Limit-1)
	durationVar(c.Flag("since", "Only events received within this time, such as 15m or 2d."), &f.since)
}

func (f *deadLetterFilter) includes(l *partition.DeadLetter) bool {
	return (f.reason == "" || f.reason == l.Reason) && (f.partition < 0 || f.partition == l.Partition) &&
		(f.since == 0 || time.Since(l.StreamTime) <= time.Duration(f.since))
}

func (d *deadLetters) list(ctx context.Context, p *process) error {
	nc, err := connect(ctx, d.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	list, err := readDeadLetters(ctx, nc, d.filter.includes, d.limit)
	if err != nil {
		return err
	}
	if d.asJSON {
		err = printJSON(p.stdout, list.letters)
	} else {
		err = list.printTable(ctx, nc, p.stdout)
	}
	if err != nil {
		return err
	}
	if list.found == 0 {
		fmt.Fprintln(p.stderr, "no dead letters")
	}
	if list.found > len(list.letters) {
		fmt.Fprintf(p.stderr, "showing the latest %d of %d; --limit sets how many\n", len(list.letters), list.found)
	}
	if list.foreign > 0 {
		fmt.Fprintf(p.stderr, "%d messages in %s are not dead letters\n", list.foreign, nats.DeadLetterStream)
	}
	return nil
}

func printJSON(w io.Writer, letters []partition.DeadLetter) error {
	encoder := json.NewEncoder(w)
	for _, l := range letters {
		if err := encoder.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

func (list *deadLetterList) printTable(ctx context.Context, nc *natsgo.Conn, w io.Writer) error {
	if len(list.letters) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tRECEIVED\tEVENT\tREASON\tFIELD\tFOUND\tBYTES\tORIGINAL")
	streams := map[int]nats.StreamState{}
	for _, l := range list.letters {
		state, known := streams[l.Partition]
		if !known {
			var err error
			state, err = nats.Info(ctx, nc, nats.StreamName(l.Partition))
			if err != nil && !errors.Is(err, nats.ErrStreamNotFound) {
				return err
			}
			streams[l.Partition] = state
		}
		copied, err := list.copyOf(ctx, nc, &l)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", idOf(&l), l.StreamTime.Format(time.RFC3339),
			plain(l.Event), plain(l.Reason), plain(l.Field), plain(l.Found), l.Size, fate(&l, copied, state))
	}
	return table.Flush()
}

// fate says what happened to the event of a dead letter, as far as its copy and the
// sequences of its stream show.
func fate(l *partition.DeadLetter, copied uint64, stream nats.StreamState) string {
	switch {
	case copied > 0:
		return fmt.Sprintf("requeued as %d/%d", l.Partition, copied)
	case l.Sequence < stream.FirstSequence || l.Sequence > stream.LastSequence || l.StreamTime.Before(stream.Created):
		return "gone"
	default:
		return "in the stream"
	}
}

func (d *deadLetters) show(ctx context.Context, p *process) error {
	ids, err := parseIDs(d.ids)
	if err != nil {
		return err
	}
	nc, err := connect(ctx, d.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	list, err := readDeadLetters(ctx, nc, ids.includes, 0)
	if err != nil {
		return err
	}
	for i := range list.letters {
		if err := list.printLetter(ctx, nc, p.stdout, &list.letters[i]); err != nil {
			return err
		}
	}
	return ids.checkAllIn(list.letters)
}

func (list *deadLetterList) printLetter(
	ctx context.Context, nc *natsgo.Conn, w io.Writer, l *partition.DeadLetter,
) error {
	stream := nats.StreamName(l.Partition)
	place := "in " + stream + ", can be requeued"
	if _, err := readOriginal(ctx, nc, l); errors.Is(err, errGone) {
		place = "gone from " + stream
	} else if err != nil {
		return err
	}
	copied, err := list.copyOf(ctx, nc, l)
	if err != nil {
		return err
	}
	if copied > 0 {
		place += fmt.Sprintf("; was requeued as %d/%d", l.Partition, copied)
	}
	fault := plain(l.Reason)
	if l.Field != "" {
		fault += " in " + plain(l.Field)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "dead letter\t%s\nrejected for\t%s\n", idOf(l), fault)
	if l.Found != "" {
		fmt.Fprintf(table, "found\t%s\n", plain(l.Found))
	}
	if l.Send != "" { // letters of earlier versions do not say it
		fmt.Fprintf(table, "to send\t%s\n", plain(l.Send))
	}
	fmt.Fprintf(table, "event\t%s\nreceived\t%s\nsize\t%d bytes\noriginal\t%s\nfields\tby name and type\n",
		plain(l.Event), l.StreamTime.Format(time.RFC3339Nano), l.Size, place)
	for _, f := range l.Fields {
		fmt.Fprintf(table, "  %s\t%s\n", plain(f.Path), plain(f.Type))
	}
	return table.Flush()
}
