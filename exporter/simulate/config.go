package simulate

import (
	"cmp"
	"fmt"
	"time"

	"belfry/exporter/catalog"
)

// DefaultStart says when a simulation starts by default: on a Monday.
var DefaultStart = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)

// The defaults give each user about seven notifications a day.
const (
	DefaultUsers     = 20_000
	DefaultPerMinute = 100
)

// MaxUsers and MaxPerMinute bound what a configuration may ask for.
const (
	MaxUsers     = 100_000_000
	MaxPerMinute = 10_000_000
)

// defaultPartitions matches the exporter's default.
const defaultPartitions = 1

// Config describes a simulation. Equal configurations give equal simulations.
type Config struct {
	// Seed chooses one of many platforms.
	Seed uint64
	// Start says when the first notification may be sent; zero means DefaultStart.
	Start time.Time
	// PerMinute sets the mean number of notifications per minute over a week. Each has
	// between two and three events. 0 means DefaultPerMinute.
	PerMinute float64
	// Users sets the number of users; 0 means DefaultUsers.
	Users int
	// Events ends the simulation after this many messages, duplicates included; 0
	// means no limit.
	Events int
	// Duration ends it this long after Start, by the time messages are received; 0
	// means no limit. Nothing after either limit is emitted.
	Duration time.Duration
	// Lead lets notifications be sent this long before Start. Of them those are emitted,
	// from the beginning, of which something is received after Start: what a platform
	// has under way. Everything else begins at Start.
	Lead time.Duration
	// Partitions sets in how many partitions the exporter counts; 0 means 1. It does not
	// affect the events, only how many users the truth counts: each partition goes by
	// the time of its own last message.
	Partitions int
	// ExperimentsAfter says how long after Start the experiments begin, so that there is
	// a time before them; 0 means at Start.
	ExperimentsAfter time.Duration
	// Incidents lists what goes wrong.
	Incidents []Incident
}

// complete fills in defaults and checks the rest.
func (c Config) complete() (Config, error) {
	if c.Start.IsZero() {
		c.Start = DefaultStart
	}
	c.Start = c.Start.UTC().Truncate(time.Millisecond)
	c.PerMinute = cmp.Or(c.PerMinute, DefaultPerMinute)
	c.Users = cmp.Or(c.Users, DefaultUsers)
	c.Partitions = cmp.Or(c.Partitions, defaultPartitions)
	switch {
	case c.Start.Year() < 1971 || c.Start.Year() > 2200:
		return Config{}, fmt.Errorf("start %s: expected a time between 1971 and 2200", c.Start.Format(time.RFC3339))
	case !(c.PerMinute > 0 && c.PerMinute <= MaxPerMinute):
		return Config{}, fmt.Errorf("%g notifications per minute: expected a number above 0 and at most 10 million",
			c.PerMinute)
	case c.Users < 1 || c.Users > MaxUsers:
		return Config{}, fmt.Errorf("%d users: expected a number from 1 to 100 million", c.Users)
	case c.Events < 0:
		return Config{}, fmt.Errorf("%d events: expected a number from 0", c.Events)
	case c.Duration < 0:
		return Config{}, fmt.Errorf("duration %s: expected a duration from 0", c.Duration)
	case c.Lead < 0:
		return Config{}, fmt.Errorf("lead %s: expected a duration from 0", c.Lead)
	case c.ExperimentsAfter < 0:
		return Config{}, fmt.Errorf("experiments after %s: expected a duration from 0", c.ExperimentsAfter)
	case c.Partitions < 1 || c.Partitions > catalog.LabelPartition.Limit:
		return Config{}, fmt.Errorf("%d partitions: expected a number from 1 to %d",
			c.Partitions, catalog.LabelPartition.Limit)
	}
	var incidents []Incident
	for _, in := range c.Incidents {
		in, err := in.complete()
		if err != nil {
			return Config{}, err
		}
		incidents = append(incidents, in)
	}
	c.Incidents = incidents
	return c, nil
}
