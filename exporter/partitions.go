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

// existing says how many partitions an installation has.
type existing struct {
	partitions int    // 0 if unknown
	in         string // where the number was found
}

// settle returns the configuration for an installation: c with the number of
// partitions that exist. It returns an error if c names a different one.
func (c *Config) settle(has existing) (*Config, error) {
	switch {
	case has.partitions == 0 || has.partitions == c.Partitions:
		return c, nil
	case c.PartitionsNamed:
		return nil, fmt.Errorf("the configuration says partitions: %d, but %s has %d: "+
			"users would move away from their state; set partitions: %[3]d or leave it out, "+
			"or start a separate installation with another state directory and another NATS account",
			c.Partitions, has.in, has.partitions)
	}
	settled := *c
	settled.Partitions = has.partitions
	return &settled, nil
}

// settle adopts the number of partitions that exist.
func (e *Exporter) settle(has existing) error {
	before := e.config.Load()
	c, err := before.settle(has)
	if err != nil {
		return err
	}
	if c.Partitions != before.Partitions {
		e.log.Info("the configuration does not set partitions, using those that exist",
			"partitions", c.Partitions, "in", has.in)
	}
	e.config.Store(c)
	return nil
}

// retryAfter sets how long the exporter waits after the NATS server did not answer.
const retryAfter = time.Second

// settleWithStreams asks the NATS server for the number of partitions until it
// answers or ctx ends.
func (e *Exporter) settleWithStreams(ctx context.Context, nc *natsgo.Conn) error {
	logged := ""
	for {
		has, err := inStreams(ctx, nc, e.options.StateDir)
		if err == nil {
			return e.settle(has)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err.Error() != logged {
			logged = err.Error()
			e.unknown.Store(new(logged))
			e.log.Warn("the number of partitions is unknown, retrying", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
}

// inStreams returns the number of partitions that have streams or, if there are
// none, that have a directory below the state directory.
func inStreams(ctx context.Context, nc *natsgo.Conn, stateDir string) (existing, error) {
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

// inCheckpoints returns the number of partitions of the configuration with which
// the state was written, if one of the partitions to read has a checkpoint.
func inCheckpoints(o *Options) (existing, error) {
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
