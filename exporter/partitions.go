package exporter

import (
	"context"
	"fmt"
	"slices"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"gopkg.in/yaml.v3"

	"belfry/exporter/partition"
	"belfry/exporter/state"
	"belfry/nats"
)

// existing is the number of partitions that an installation has already.
type existing struct {
	partitions int    // 0 if nothing tells
	in         string // what tells
}

// settle returns the configuration for an installation: c with the number of partitions that exist, unless c names one.
func (c *Config) settle(has existing) (*Config, error) {
	switch {
	case has.partitions == 0 || has.partitions == c.Partitions:
		return c, nil
	case c.PartitionsNamed:
		return nil, fmt.Errorf("the configuration says partitions: %d, but %s has %d: users would move away from their state; "+
			"set partitions: %[3]d or leave it out, or start an installation of its own with another state directory "+
			"and another NATS account", c.Partitions, has.in, has.partitions)
	}
	settled := *c
	settled.Partitions = has.partitions
	return &settled, nil
}

// settle takes over the number of partitions that exist.
func (e *Exporter) settle(has existing) error {
	before := e.config.Load()
	c, err := before.settle(has)
	if err != nil {
		return err
	}
	if c.Partitions != before.Partitions {
		e.log.Info("the configuration names no number of partitions, going on with those that exist",
			"partitions", c.Partitions, "in", has.in)
	}
	e.config.Store(c)
	return nil
}

// retryAfter is how long the exporter waits before it asks the streams again.
const retryAfter = time.Second

// settleWithStreams asks the streams for the number of partitions, until they answer or ctx ends.
func (e *Exporter) settleWithStreams(ctx context.Context, nc *natsgo.Conn) error {
	said := ""
	for {
		has, err := streamed(ctx, nc, e.options.StateDir)
		if err == nil {
			return e.settle(has)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err.Error() != said {
			said = err.Error()
			e.log.Warn("the number of partitions is unknown, trying again", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
}

// streamed returns the number of partitions of the streams or, where there are none, of the directories of a state
// without checkpoints.
func streamed(ctx context.Context, nc *natsgo.Conn, stateDir string) (existing, error) {
	n, err := nats.CountPartitions(ctx, nc)
	if n > 0 || err != nil {
		return existing{n, "the NATS server"}, err
	}
	numbers, err := partition.Numbers(stateDir)
	if len(numbers) == 0 {
		return existing{}, err
	}
	return existing{slices.Max(numbers) + 1, "the state in " + stateDir}, nil
}

// checkpointed returns the number of partitions under which the state was written, if one of the partitions to read
// has a checkpoint.
func checkpointed(o *Options) (existing, error) {
	numbers, err := partition.Numbers(o.StateDir)
	if err != nil {
		return existing{}, err
	}
	for _, n := range numbers {
		if len(o.Partitions) > 0 && !slices.Contains(o.Partitions, n) {
			continue
		}
		latest, err := state.ReadCheckpoint(partition.Dir(o.StateDir, n), o.Log)
		if err != nil {
			continue // opening it says why, if it is to be read
		}
		var was struct {
			Partitions int `yaml:"partitions"`
		}
		if latest != nil && yaml.Unmarshal([]byte(latest.Config), &was) == nil && was.Partitions > 0 {
			return existing{was.Partitions, "the state in " + o.StateDir}, nil
		}
	}
	return existing{}, nil
}
