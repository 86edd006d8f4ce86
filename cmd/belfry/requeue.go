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
	d, c := deadLettersCommand(app, "requeue", "Publish events again, to be counted by an exporter that takes them now.")
	c.Arg("id", "Partition and sequence, like 2/4711; repeatable. Without any, all of a --reason that were not requeued yet.").StringsVar(&d.ids)
	d.choice.flags(c)
	c.Flag("dry-run", "Only say what would be done.").BoolVar(&d.dryRun)
	return command{c, d.requeue}
}

// requeue publishes the events of dead letters again. The letters stay where
// they are, and a note beside them says that it was done. An event that was
// counted meanwhile is not counted twice: its id is known.
func (d *deadLetters) requeue(ctx context.Context, p *process) error {
	if (len(d.ids) == 0) == (d.choice.reason == "") {
		return errors.New("say which: ids, or a --reason")
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
	box, err := readLetterbox(ctx, nc, func(l *partition.DeadLetter) bool {
		l.Fields = nil // there may be a million letters
		return len(ids) == 0 && d.choice.includes(l) || ids.includes(l)
	}, 0)
	if err != nil {
		return err
	}
	if err := ids.checkAllIn(box.letters); err != nil {
		return err
	}
	r := requeuer{nc: nc, box: box, process: p, dryRun: d.dryRun, repeat: len(ids) > 0}
	return r.run(ctx)
}

// requeuer requeues the letters of a box.
type requeuer struct {
	nc      *natsgo.Conn
	box     *letterbox
	process *process
	dryRun  bool
	repeat  bool // also what was requeued before

	done, before, gone int
}

func (r *requeuer) run(ctx context.Context) error {
	for i := range r.box.letters {
		l := &r.box.letters[i]
		if _, ok := r.box.requeued[l.ID()]; ok && !r.repeat {
			r.before++
			continue
		}
		err := r.one(ctx, l)
		if errors.Is(err, errGone) {
			r.gone++
			if r.repeat { // they were asked for one by one
				fmt.Fprintf(r.process.stderr, "%s: %v\n", shortID(l), err)
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w; %d were requeued before it, run the command again for the others", shortID(l), err, r.done)
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

// one requeues the event of one letter, unless this is a dry run.
func (r *requeuer) one(ctx context.Context, l *partition.DeadLetter) error {
	m, err := original(ctx, r.nc, l)
	if err != nil {
		return err
	}
	if r.dryRun {
		fmt.Fprintf(r.process.stdout, "%s would be requeued\n", shortID(l))
		return nil
	}
	sequence, err := nats.Requeue(ctx, r.nc, m, "requeue-"+l.ID())
	if err != nil {
		return err
	}
	fmt.Fprintf(r.process.stdout, "%s requeued as %d/%d\n", shortID(l), l.Partition, sequence)
	note, err := json.Marshal(requeueing{ID: l.ID(), Copy: sequence})
	if err != nil {
		return err
	}
	return nats.KeepDeadLetter(ctx, r.nc, nats.RequeuedSubject, fmt.Sprintf("%s-as-%d", l.ID(), sequence), note)
}
