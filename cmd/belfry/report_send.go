package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter/daemon"
	"belfry/exporter/strict"
	"belfry/insights/report/deliver"
	"belfry/insights/report/render"
	"belfry/insights/report/schedule"
)

// sendOptions holds the flags of report send.
type sendOptions struct {
	*makerFlags
	name, file string
}

func sendReportCommand(app *kingpin.Application) command {
	c := reportGroup(app).Command("send", "Send the report of a schedule now, to all its recipients. What is due "+
		"later is sent anyway.")
	o := &sendOptions{makerFlags: newMakerFlags(c)}
	c.Arg("name", "Name of the schedule.").Required().StringVar(&o.name)
	daemon.FileVar(c.Flag("reports.file", "File with the schedules.").Required(), &o.file)
	return command{c, o.run}
}

func (o *sendOptions) run(ctx context.Context, p *process) error {
	file, err := schedule.Load(o.file, render.Names())
	if err != nil {
		return err
	}
	var found *schedule.Schedule
	var names []string
	for i, s := range file.Schedules {
		names = append(names, s.Name)
		if s.Name == o.name {
			found = &file.Schedules[i]
		}
	}
	if found == nil {
		if len(names) == 0 {
			return errors.New("the file has no schedules: add one")
		}
		return errors.New(strict.Unknown("schedule", o.name, names))
	}
	maker, err := o.maker(p)
	if err != nil {
		return err
	}
	return schedule.SendNow(ctx, *found, time.Now(), schedule.MakeWith(maker.Make), func(to deliver.Target, err error) {
		if err != nil {
			fmt.Fprintf(p.stdout, "%s: not sent: %v\n", to, err)
			return
		}
		fmt.Fprintf(p.stdout, "%s: sent\n", to)
	})
}
