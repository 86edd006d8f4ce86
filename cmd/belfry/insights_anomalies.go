package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter/daemon"
	"belfry/insights/anomaly"
	"belfry/insights/series"
)

// anomaliesOf holds the flags of insights anomalies.
type anomaliesOf struct {
	file string
	step time.Duration
}

func anomaliesCommand(app *kingpin.Application) command {
	c := insightsGroup(app).Command("anomalies",
		"Find anomalies in a CSV file, judging each row by the rows before it only.")
	a := &anomaliesOf{}
	csvFlag(c, &a.file)
	daemon.DurationVar(c.Flag("step",
		"Usual time between two rows, such as 5m. Default: the most frequent at the beginning."),
		&a.step, time.Nanosecond)
	return command{c, a.run}
}

func (a *anomaliesOf) run(_ context.Context, p *process) error {
	rows, err := readCSV(p, a.file)
	if err != nil {
		return err
	}
	return anomaly.WriteCSV(p.stdout, rows, a.step)
}

// csvFlag declares the flag for the file of a series.
func csvFlag(c *kingpin.CmdClause, file *string) {
	c.Flag("csv", "File with the header timestamp,value and one row for each point, oldest first; - for standard "+
		"input. Timestamps are RFC 3339, or 2006-01-02 15:04:05 in UTC. Leave out rows where nothing was measured.").
		Required().StringVar(file)
}

// readCSV reads the file, and warns on standard error of rows that are not in order.
func readCSV(p *process, file string) ([]series.Row, error) {
	in := p.stdin
	if file == "-" {
		file = "standard input"
	} else {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = io.Reader(f)
	}
	rows, err := series.ReadCSV(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if late := series.Late(rows); late != "" {
		fmt.Fprintf(p.stderr, "%s: %s\n", file, late)
	}
	return rows, nil
}
