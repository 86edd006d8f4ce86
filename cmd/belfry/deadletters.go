package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// deadLetters is what the flags of the deadletters subcommands ask for.
type deadLetters struct {
	nats   nats.Options
	choice choice
	limit  int
	asJSON bool
	dryRun bool
	ids    []string
}

// deadLettersGroup is the clause that the subcommands stand under.
func deadLettersGroup(app *kingpin.Application) *kingpin.CmdClause {
	if group := app.GetCommand("deadletters"); group != nil {
		return group
	}
	return app.Command("deadletters", "Look at the events that could not be counted, and have them counted after all.")
}

func deadLettersCommand(app *kingpin.Application, name, help string) (*deadLetters, *kingpin.CmdClause) {
	c := deadLettersGroup(app).Command(name, help)
	d := &deadLetters{nats: nats.Options{Name: "belfry-deadletters"}}
	daemon.NATSFlags(c.Flag, &d.nats)
	return d, c
}

func listDeadLettersCommand(app *kingpin.Application) command {
	d, c := deadLettersCommand(app, "list", "List them, the latest last. Of a flood only some are kept; "+catalog.DeadLettersFailed.Name+" counts the others.")
	d.choice.flags(c)
	c.Flag("limit", "List no more than the latest so many; 0 is all.").Default("50").IntVar(&d.limit)
	c.Flag("json", "Print them as they are stored, one JSON object a line.").BoolVar(&d.asJSON)
	return command{c, d.list}
}

func showDeadLetterCommand(app *kingpin.Application) command {
	d, c := deadLettersCommand(app, "show", "Show one: what is wrong with the event, and what it looks like without its values.")
	c.Arg("id", "Partition and sequence, like 2/4711.").Required().StringsVar(&d.ids)
	return command{c, d.show}
}

// choice is which dead letters are meant.
type choice struct {
	reason    string
	partition int
	since     model.Duration
}

// anyPartition is the choice of no partition in particular.
const anyPartition = "-1"

func (f *choice) flags(c *kingpin.CmdClause) {
	c.Flag("reason", "Only those with this reason: "+strings.Join(catalog.LabelRejection.Values, ", ")+".").EnumVar(&f.reason, catalog.LabelRejection.Values...)
	c.Flag("partition", "Only those of this partition.").Default(anyPartition).IntVar(&f.partition)
	c.Flag("since", "Only events that the stream got in the last so long, such as 15m or 2d.").SetValue(&f.since)
}

func (f *choice) includes(l *partition.DeadLetter) bool {
	return (f.reason == "" || f.reason == l.Reason) && (f.partition < 0 || f.partition == l.Partition) &&
		(f.since == 0 || time.Since(l.StreamTime) <= time.Duration(f.since))
}

func (d *deadLetters) list(ctx context.Context, p *process) error {
	nc, err := connect(ctx, d.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	box, err := readLetterbox(ctx, nc, d.choice.includes, d.limit)
	if err != nil {
		return err
	}
	if d.asJSON {
		err = printJSON(p.stdout, box.letters)
	} else {
		err = box.printTable(ctx, nc, p.stdout)
	}
	if err != nil {
		return err
	}
	if box.found == 0 {
		fmt.Fprintln(p.stderr, "no dead letters")
	}
	if box.found > len(box.letters) {
		fmt.Fprintf(p.stderr, "the latest %d of %d; --limit says how many\n", len(box.letters), box.found)
	}
	if box.foreign > 0 {
		fmt.Fprintf(p.stderr, "%d messages in %s are no dead letters\n", box.foreign, nats.DeadLetterStream)
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

func (b *letterbox) printTable(ctx context.Context, nc *natsgo.Conn, w io.Writer) error {
	if len(b.letters) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tRECEIVED\tEVENT\tREASON\tFIELD\tBYTES\tORIGINAL")
	streams := map[int]nats.StreamState{}
	for _, l := range b.letters {
		state, known := streams[l.Partition]
		if !known {
			var err error
			state, err = nats.Info(ctx, nc, nats.StreamName(l.Partition))
			if err != nil && !errors.Is(err, nats.ErrStreamNotFound) {
				return err
			}
			streams[l.Partition] = state
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", shortID(&l), l.StreamTime.Format(time.RFC3339),
			l.Event, l.Reason, l.Field, l.Size, b.fate(&l, state))
	}
	return table.Flush()
}

// fate says in few words what has become of a letter's event, as far as the
// limits of its stream tell.
func (b *letterbox) fate(l *partition.DeadLetter, stream nats.StreamState) string {
	switch copied, ok := b.requeued[l.ID()]; {
	case ok:
		return fmt.Sprintf("requeued as %d/%d", l.Partition, copied)
	case l.Sequence < stream.FirstSequence || l.Sequence > stream.LastSequence || l.StreamTime.Before(stream.Created):
		return "gone"
	default:
		return "in the stream"
	}
}

func (d *deadLetters) show(ctx context.Context, p *process) error {
	wanted, err := parseIDs(d.ids)
	if err != nil {
		return err
	}
	nc, err := connect(ctx, d.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	box, err := readLetterbox(ctx, nc, wanted.includes, 0)
	if err != nil {
		return err
	}
	for i := range box.letters {
		if err := box.printLetter(ctx, nc, p.stdout, &box.letters[i]); err != nil {
			return err
		}
	}
	return wanted.checkAllIn(box.letters)
}

func (b *letterbox) printLetter(ctx context.Context, nc *natsgo.Conn, w io.Writer, l *partition.DeadLetter) error {
	stream := nats.StreamName(l.Partition)
	whereabouts := "in " + stream + ", can be requeued"
	if _, err := original(ctx, nc, l); errors.Is(err, errGone) {
		whereabouts = "gone from " + stream
	} else if err != nil {
		return err
	}
	if copied, ok := b.requeued[l.ID()]; ok {
		whereabouts += fmt.Sprintf("; was requeued as %d/%d", l.Partition, copied)
	}
	fault := l.Reason
	if l.Field != "" {
		fault += " in " + l.Field
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "dead letter\t%s\nrejected for\t%s\nevent\t%s\nreceived\t%s\nsize\t%d bytes\noriginal\t%s\nfields\tby name and type\n",
		shortID(l), fault, l.Event, l.StreamTime.Format(time.RFC3339Nano), l.Size, whereabouts)
	for _, f := range l.Fields {
		fmt.Fprintf(table, "  %s\t%s\n", f.Path, f.Type)
	}
	return table.Flush()
}
