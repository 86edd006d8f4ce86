package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"
	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter/partition"
	"belfry/nats"
)

func requeueCommand(app *kingpin.Application) command {
	d, c := deadLettersCommand(app, "requeue", "Publish rejected events again, for an exporter that accepts them now.")
	c.Arg("id", "Partition and sequence, such as 2/4711; repeatable. "+
		"Without ids, all events of a --reason that have not been requeued yet.").StringsVar(&d.ids)
	d.filter.flags(c)
	c.Flag("dry-run", "Only print what would be requeued.").BoolVar(&d.dryRun)
	return command{c, d.requeue}
}

// requeue publishes the events of dead letters again. The dead letters stay, and a
// note beside them records the new sequence. An event that has been counted in the
// meantime is not counted twice: its id is known.
func (d *deadLetters) requeue(ctx context.Context, p *process) error {
	if (len(d.ids) == 0) == (d.filter.reason == "") {
		return errors.New("give ids or a --reason")
	}
	ids, err := parseIDs(d.ids)
	if err != nil {
		return err
	}
	nc, err := connect(ctx, d.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	list, err := readDeadLetters(ctx, nc, func(l *partition.DeadLetter) bool {
		l.Fields = nil // saves memory: there may be a million letters
		return len(ids) == 0 && d.filter.includes(l) || ids.includes(l)
	}, 0)
	if err != nil {
		return err
	}
	if err := ids.checkAllIn(list.letters); err != nil {
		return err
	}
	r := requeuer{nc: nc, list: list, process: p, dryRun: d.dryRun, repeat: len(ids) > 0}
	return r.run(ctx)
}

// requeuer requeues the events of a list.
type requeuer struct {
	nc      *natsgo.Conn
	list    *deadLetterList
	process *process
	dryRun  bool
	repeat  bool // even events that have been requeued before

	done, before, gone int
}

func (r *requeuer) run(ctx context.Context) error {
	for i := range r.list.letters {
		l := &r.list.letters[i]
		isDone, err := r.isDone(ctx, l)
		if isDone {
			r.before++
			continue
		}
		if err == nil {
			err = r.one(ctx, l)
		}
		if errors.Is(err, errGone) {
			r.gone++
			if r.repeat { // each was named
				fmt.Fprintf(r.process.stderr, "%s: %v\n", idOf(l), err)
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w; %d events were requeued before it: run the command again for the rest",
				idOf(l), err, r.done)
		}
		r.done++
	}
	verb := "requeued"
	if r.dryRun {
		verb = "to requeue"
	}
	fmt.Fprintf(r.process.stdout, "%d %s, %d gone, %d requeued before\n", r.done, verb, r.gone, r.before)
	if r.repeat && r.gone > 0 {
		return errSilent
	}
	return nil
}

// isDone reports whether the event was requeued before, and was not named now.
func (r *requeuer) isDone(ctx context.Context, l *partition.DeadLetter) (bool, error) {
	if r.repeat {
		return false, nil
	}
	copied, err := r.list.copyOf(ctx, r.nc, l)
	return copied > 0, err
}

// one requeues one event, unless this is a dry run.
func (r *requeuer) one(ctx context.Context, l *partition.DeadLetter) error {
	m, err := readOriginal(ctx, r.nc, l)
	if err != nil {
		return err
	}
	if r.dryRun {
		fmt.Fprintf(r.process.stdout, "%s would be requeued\n", idOf(l))
		return nil
	}
	sequence, err := nats.Requeue(ctx, r.nc, m, "requeue-"+l.ID())
	if err != nil {
		return err
	}
	fmt.Fprintf(r.process.stdout, "%s requeued as %d/%d\n", idOf(l), l.Partition, sequence)
	note, err := json.Marshal(requeueNote{ID: l.ID(), Copy: sequence})
	if err != nil {
		return err
	}
	id := fmt.Sprintf("%s-as-%d", l.ID(), sequence)
	return nats.KeepDeadLetter(ctx, r.nc, nats.RequeuedSubject, id, note)
}
