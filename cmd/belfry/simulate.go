package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/exporter/daemon"
	"belfry/exporter/simulate"
	"belfry/exporter/truth"
	"belfry/nats"
)

// simulation holds the flags of simulate.
type simulation struct {
	config    simulate.Config
	duration  model.Duration
	start     string
	after     model.Duration
	incidents []string

	listIncidents, listExperiments bool

	out, truth string
	nats       nats.Options
	options    simulate.PublishOptions
}

func simulateCommand(app *kingpin.Application) command {
	c := app.Command("simulate",
		"Simulate the traffic of a notification platform, and the totals that a correct exporter must show.")
	s := &simulation{nats: nats.Options{Name: "belfry-simulate"}}
	daemon.IntVar(c.Flag("events", "Stop after N events."), &s.config.Events, 0, math.MaxInt)
	durationVar(c.Flag("duration", "Stop after this much simulated time, such as 36h or 14d."), &s.duration)
	c.Flag("seed", "Seed of the random numbers: the same seed and settings make the same events.").
		Default("1").Uint64Var(&s.config.Seed)
	c.Flag("start", "When the traffic begins, in RFC 3339; by default "+simulate.DefaultStart.Format(time.RFC3339)+".").
		StringVar(&s.start)
	daemon.FloatVar(c.Flag("per-minute", "Mean number of notifications per minute over a week.").
		Default(fmt.Sprint(simulate.DefaultPerMinute)), &s.config.PerMinute, 0.001, simulate.MaxPerMinute)
	daemon.IntVar(c.Flag("users", "Number of users.").Default(fmt.Sprint(simulate.DefaultUsers)),
		&s.config.Users, 1, simulate.MaxUsers)
	c.Flag("incident", "An incident, such as provider-outage,at=2m,for=3m,provider=ses,code=XYZ; repeatable.").
		StringsVar(&s.incidents)
	c.Flag("list-incidents", "List the incidents with their parameters and exit.").BoolVar(&s.listIncidents)
	durationVar(c.Flag("experiments-after", "Begin the experiments this much simulated time after the traffic."), &s.after)
	c.Flag("list-experiments", "List the experiments with what is true about their arms and exit.").
		BoolVar(&s.listExperiments)
	c.Flag("out", "File for the events, one JSON object per line; - writes to standard output, "+
		"which is the default without --nats.url.").StringVar(&s.out)
	c.Flag("truth", "File for the totals, as JSON for belfry verify; - writes to standard output.").StringVar(&s.truth)
	daemon.FloatVar(c.Flag("rate", "Events per second; 0 is as fast as possible."),
		&s.options.Rate, 0, math.MaxFloat64)
	c.Flag("live", "Start now, and publish each event at its time.").BoolVar(&s.options.Live)
	daemon.IntVar(c.Flag("partitions", fmt.Sprintf("Number of partitions of the streams; by default that of the "+
		"streams on the NATS server, or %d if it has none.", nats.DefaultPartitions)),
		&s.config.Partitions, 1, catalog.LabelPartition.Limit)
	c.Flag("nats.url", "Publish to this NATS server, or several of one cluster separated by commas.").
		StringVar(&s.nats.URL)
	daemon.CredentialFlags(c.Flag, &s.nats)
	return command{c, s.run}
}

// run simulates the traffic and prints its progress to standard error. After an
// interrupt, the truth covers the events that were sent.
func (s *simulation) run(ctx context.Context, p *process) (err error) {
	if s.listIncidents || s.listExperiments {
		return s.list(p.stdout)
	}
	if err := s.complete(); err != nil {
		return err
	}
	if s.nats.URL != "" {
		if s.config.Partitions, err = ensureStreams(ctx, s.nats, s.config.Partitions); err != nil {
			return err
		}
	}
	simulator, err := simulate.New(s.config)
	if err != nil {
		return err
	}
	var totals *truth.Truth
	if s.truth != "" {
		totals = simulator.Count()
	}
	out, err := s.open(ctx, p)
	if err != nil {
		return err
	}
	s.options.Progress = func(now simulate.Stats) {
		fmt.Fprintf(p.stderr, "%d events, %.0f/s, simulated %s\n",
			now.Events, now.PerSecond(), now.Simulated.Format(time.RFC3339))
	}
	stats, err := simulate.Publish(ctx, simulator, out.send, s.options)
	if err := errors.Join(err, out.close(ctx)); err != nil {
		return err
	}
	if totals != nil {
		if err := writeTruth(s.truth, totals, p.stdout); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stderr, "%d events, %d of them duplicates, %.1f MB, %s of traffic in %s (%.0f/s)\n",
		stats.Events, stats.Duplicates, float64(stats.Bytes)/1e6,
		lasting(stats.Simulated.Sub(simulator.Start())),
		stats.Elapsed.Round(time.Millisecond), stats.PerSecond())
	return nil
}

// list writes what the flags ask for.
func (s *simulation) list(w io.Writer) error {
	var text string
	if s.listIncidents {
		text = simulate.IncidentHelp()
	}
	if s.listExperiments {
		text += simulate.ExperimentHelp()
	}
	_, err := io.WriteString(w, text)
	return err
}

// complete copies the flags to the configuration of the simulator.
func (s *simulation) complete() error {
	s.config.Duration, s.config.ExperimentsAfter = time.Duration(s.duration), time.Duration(s.after)
	switch {
	case s.truth == standard && s.printsEvents():
		return errors.New("the events and --truth both go to standard output: name a file for one of them")
	case s.options.Live && s.start != "":
		return errors.New("--live starts now: leave out --start")
	case s.options.Live:
		s.config.Start = time.Now()
	case s.config.Events == 0 && s.config.Duration == 0:
		return errors.New("the simulation has no end: set --events or --duration, or --live to run until interrupted")
	case s.start != "":
		start, err := time.Parse(time.RFC3339, s.start)
		if err != nil {
			return fmt.Errorf("--start: %w", err)
		}
		s.config.Start = start
	}
	for _, text := range s.incidents {
		incident, err := simulate.ParseIncident(text)
		if err != nil {
			return fmt.Errorf("--incident: %w; see --list-incidents", err)
		}
		s.config.Incidents = append(s.config.Incidents, incident)
	}
	return nil
}
