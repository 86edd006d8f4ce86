package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"belfry/deploy/stack"
	"belfry/exporter/daemon"
	"belfry/exporter/simulate"
)

// demo runs the whole system on this machine, on 127.0.0.1 only.
type demo struct {
	p     *process
	check bool
	dir   string
	seed  uint64

	perMinute float64
	history   model.Duration
	incidents []string
	ports     ports
	programs  stack.Paths // those that flags name
	grafana   grafana
}

// ports holds the ports of the demo's servers; 0 takes a free one.
type ports struct{ nats, exporter, alerts, insights, prometheus, alertmanager, pages, grafana int }

// each calls f with every port, its flag and its default.
func (p *ports) each(f func(flag string, port *int, standard int) error) error {
	return errors.Join(
		f("port.nats", &p.nats, 4222),
		f("port.exporter", &p.exporter, 9464),
		f("port.alerts", &p.alerts, 9465),
		f("port.insights", &p.insights, 9466),
		f("port.prometheus", &p.prometheus, 9090),
		f("port.alertmanager", &p.alertmanager, 9093),
		f("port.pages", &p.pages, 9095),
		f("port.grafana", &p.grafana, 3000))
}

// demoPrograms lists the servers that the demo runs as separate processes.
var demoPrograms = []stack.Program{stack.Prometheus, stack.Alertmanager}

// programFlag stores the value of a flag that names a program.
type programFlag struct {
	named   stack.Paths
	program stack.Program
}

// Set implements kingpin.Value.
func (f programFlag) Set(path string) error {
	f.named[f.program] = path
	return nil
}

func (f programFlag) String() string { return f.named[f.program] }

func demoCommand(app *kingpin.Application) command {
	c := app.Command("demo", "Run the whole system on this machine, with simulated traffic.")
	d := &demo{programs: stack.Paths{}}
	c.Flag("check",
		"Break a provider with an unknown error, wait for the page and its resolution, compare all counts, "+
			"print one line of JSON and exit. Uses free ports.").BoolVar(&d.check)
	daemon.FileVar(c.Flag("data-dir",
		"Where the servers store their data. Default: a temporary directory, removed at the end."), &d.dir)
	c.Flag("seed", "Seed of the simulated traffic.").Default("1").Uint64Var(&d.seed)
	daemon.FloatVar(c.Flag("per-minute", fmt.Sprintf("Mean number of notifications per minute. Default: %d, and %d "+
		"with --check.", demoPerMinute, checkPerMinute)), &d.perMinute, 0.001, simulate.MaxPerMinute)
	durationVar(c.Flag("history", "How long a past to write before the demo starts; 0 for none. "+
		"A day takes some three seconds of processor time, the last hour some twenty. "+
		"A data directory with a past is continued. "+
		"--check writes none.").
		Default("9d"), &d.history)
	c.Flag("incident", "What goes wrong, such as provider-outage,at=2m,for=3m; repeatable. "+
		"See belfry simulate --list-incidents.").StringsVar(&d.incidents)
	d.programFlags(c)
	_ = d.ports.each(func(flag string, port *int, standard int) error {
		daemon.IntVar(c.Flag(flag, "Port on 127.0.0.1; 0 takes a free one.").Default(fmt.Sprint(standard)),
			port, 0, math.MaxUint16)
		return nil
	})
	return command{c, d.run}
}

func (d *demo) programFlags(c *kingpin.CmdClause) {
	for _, program := range demoPrograms {
		c.Flag(string(program), "Program to run. Default: the pinned build, else the one on PATH, else a new build.").
			PlaceHolder("PATH").SetValue(programFlag{d.programs, program})
	}
	c.Flag("grafana", "Grafana to run with the dashboards. Default: the one on PATH, if any.").
		PlaceHolder("PATH").StringVar(&d.grafana.program)
	c.Flag("grafana.home", "Grafana's home directory, with conf and public.").
		Default("/usr/share/grafana").StringVar(&d.grafana.home)
}

// The default rates. A history takes time for each notification.
const demoPerMinute, checkPerMinute = 400, 3000

func (d *demo) run(ctx context.Context, p *process) (err error) {
	d.p = p
	if _, err := d.planned(); err != nil {
		return err
	}
	if d.perMinute == 0 {
		d.perMinute = demoPerMinute
		if d.check {
			d.perMinute = checkPerMinute
		}
	}
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "belfry-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(d.dir)
	}
	if d.dir, err = filepath.Abs(d.dir); err != nil {
		return err
	}
	if err := d.choosePorts(); err != nil {
		return err
	}
	programs, err := stack.Find(ctx, d.programs, p.stderr, demoPrograms...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &system{demo: d, ctx: ctx}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := s.start(programs); !d.check && errors.Is(err, context.Canceled) {
		d.say("stopping")
		return nil
	} else if err != nil {
		return err
	}
	if d.check {
		return s.runCheck()
	}
	return s.runUntilInterrupted()
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.p.stderr, "%s  %s\n", time.Now().Format("15:04:05"), fmt.Sprintf(format, args...))
}

// choosePorts takes a free port for each that is 0, and checks that the others are
// free.
func (d *demo) choosePorts() error {
	return d.ports.each(func(flag string, port *int, _ int) (err error) {
		if d.check || *port == 0 {
			*port, err = stack.FreePort()
			return err
		}
		if err := probe(*port); err != nil {
			return fmt.Errorf("port %d is taken: stop the program that listens there or set another port with --%s",
				*port, flag)
		}
		return nil
	})
}

// simulator returns the simulator of the traffic, which starts now.
func (d *demo) simulator(extra ...simulate.Incident) (*simulate.Simulator, error) {
	planned, err := d.planned()
	if err != nil {
		return nil, err
	}
	return simulate.New(simulate.Config{
		Seed: d.seed, Start: time.Now(), PerMinute: d.perMinute, Incidents: append(extra, planned...),
	})
}
