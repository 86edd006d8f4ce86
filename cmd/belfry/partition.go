package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter/catalog"
	"belfry/exporter/daemon"
	"belfry/exporter/partition"
	"belfry/exporter/state"
)

// move holds the flags of partition export and import.
type move struct {
	stateDir  string
	partition int
	file      string
	keep      bool
}

func (m *move) flags(c *kingpin.CmdClause) {
	daemon.FileVar(c.Flag("state.dir", "The exporter's state directory.").Default("belfry-state"), &m.stateDir)
	daemon.IntVar(c.Flag("partition", "Number of the partition.").Required(),
		&m.partition, 0, catalog.LabelPartition.Limit-1)
}

func (m *move) dir() string { return partition.Dir(m.stateDir, m.partition) }

// partitionGroup returns the clause of the group of both subcommands.
func partitionGroup(app *kingpin.Application) *kingpin.CmdClause {
	if group := app.GetCommand("partition"); group != nil {
		return group
	}
	return app.Command("partition", "Move the state of a partition to another machine; no counter goes down.")
}

func exportCommand(app *kingpin.Application) command {
	c := partitionGroup(app).Command("export", "Write the state of a partition to a file. Stop its exporter first.")
	m := &move{}
	m.flags(c)
	daemon.FileVar(c.Flag("out", "File to write.").Required(), &m.file)
	c.Flag("keep", "Only copy the state; the exporter continues here. Without it the state here is retired, because "+
		"two exporters must not continue the same counters.").BoolVar(&m.keep)
	return command{c, m.export}
}

func importCommand(app *kingpin.Application) command {
	c := partitionGroup(app).Command("import", "Create the state of a partition from a file that export wrote.")
	m := &move{}
	m.flags(c)
	c.Flag("in", "File to read; - reads standard input.").Required().StringVar(&m.file)
	return command{c, m.importFile}
}

func (m *move) export(ctx context.Context, p *process) (err error) {
	if _, err := os.Stat(m.dir()); err != nil {
		return fmt.Errorf("%w: set --state.dir to the exporter's state directory", err)
	}
	next := m.file + ".part"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(next))
		}
	}()
	// Retire the state only once the file is on disk.
	manifest, err := state.Export(m.dir(), writerUntil{ctx, file})
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, m.file); err != nil {
		return err
	}
	if !m.keep {
		if err := state.Retire(m.dir(), manifest); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stdout, "wrote partition %d at sequence %d to %s\n", m.partition, manifest.Sequence, m.file)
	if !m.keep {
		fmt.Fprintln(p.stdout,
			"import it on another machine, with a copy of the user key file; the state here is retired")
	}
	return nil
}

func (m *move) importFile(ctx context.Context, p *process) error {
	file, name, err := p.open(m.file)
	if err != nil {
		return err
	}
	defer file.Close()
	manifest, err := state.Import(m.dir(), readerUntil{ctx, file})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(p.stdout, "partition %d in %s continues at sequence %d; "+
		"start its exporter with --partitions=%d and the same user key file\n",
		m.partition, filepath.Clean(m.dir()), manifest.Sequence, m.partition)
	return nil
}
