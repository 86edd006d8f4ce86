package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"belfry/exporter/daemon"
	"belfry/exporter/strict"
	"belfry/exporter/zone"
	"belfry/insights/analytics"
	"belfry/insights/report"
	"belfry/insights/report/render"
)

// reportGroup returns the clause of the subcommands of report.
func reportGroup(app *kingpin.Application) *kingpin.CmdClause {
	if group := app.GetCommand("report"); group != nil {
		return group
	}
	return app.Command("report", "Make and send reports: what was sent, what has changed, and what to do.")
}

// onTerminal is the format of what is written to standard output.
const onTerminal = "text"

// reportOptions holds the flags of report make.
type reportOptions struct {
	*makerFlags
	kind, file, from, to, last, zone string
	experiment                       string
	channels                         []string
	format, out                      string
}

// makerFlags holds the flags that say what reports are made from.
type makerFlags struct {
	sourceFlags
	plans string
	floor int
}

func newMakerFlags(c *kingpin.CmdClause) *makerFlags {
	f := &makerFlags{sourceFlags: newSourceFlags(c)}
	c.Flag("experiments.file", "File with the plans of experiments; - reads standard input. Default: only those are "+
		"judged that the exporter's configuration declares.").StringVar(&f.plans)
	daemon.IntVar(c.Flag("privacy.floor", fmt.Sprintf("Least number of users that a breakdown shows, at least %d.",
		analytics.LeastFloor)).Default(fmt.Sprint(analytics.DefaultFloor)), &f.floor, analytics.LeastFloor, math.MaxInt)
	return f
}

// maker returns what makes reports, and tells of its progress.
func (f *makerFlags) maker(p *process) (report.Maker, error) {
	plans, err := p.plans(f.plans)
	if err != nil {
		return report.Maker{}, err
	}
	source, err := f.source()
	return report.Maker{Source: source, Plans: plans, Floor: f.floor, Progress: progressTo(p.stderr, time.Now())}, err
}

func makeReportCommand(app *kingpin.Application) command {
	c := reportGroup(app).Command("make",
		"Make a report. It is what `belfry report` does without a subcommand.").Default()
	o := &reportOptions{}
	c.Flag("type", "Which report to make; `belfry report list` lists them.").Required().StringVar(&o.kind)
	o.fileFlag(c)
	c.Flag("from", "Start: a time such as 2026-01-31T12:00:00Z, a day, or how long ago, such as 7d.").StringVar(&o.from)
	c.Flag("to", "End, like --from. Default: now.").StringVar(&o.to)
	c.Flag("last", "Instead of --from and --to: the last whole "+strings.Join(report.Units, ", ")+", or a duration "+
		"until now, such as 6h. Default: the unit of the type.").StringVar(&o.last)
	c.Flag("timezone", "Time zone of days, weeks and months, such as Europe/Berlin.").Default("UTC").StringVar(&o.zone)
	c.Flag("experiment", "Show this experiment only.").StringVar(&o.experiment)
	c.Flag("channel", "Count this channel only (repeatable).").StringsVar(&o.channels)
	c.Flag("format", "Format: "+strings.Join(render.Names(), ", ")+". Default: that of the ending of --out, else "+
		onTerminal+".").StringVar(&o.format)
	daemon.FileVar(c.Flag("out", "File to write. Default: standard output."), &o.out)
	o.makerFlags = newMakerFlags(c)
	return command{c, o.run}
}

// fileFlag declares the flag of the file that describes reports of the installation's own.
func (o *reportOptions) fileFlag(c *kingpin.CmdClause) {
	c.Flag("reports.file", "File with reports of your own and schedules; - reads standard input.").StringVar(&o.file)
}

func (o *reportOptions) run(ctx context.Context, p *process) error {
	kind, err := o.definition(p)
	if err != nil {
		return err
	}
	format, err := o.chosenFormat()
	if err != nil {
		return err
	}
	period, err := o.period(kind, time.Now())
	if err != nil {
		return err
	}
	maker, err := o.maker(p)
	if err != nil {
		return err
	}
	doc, err := maker.Make(ctx, kind, period)
	if err != nil {
		return err
	}
	return o.write(p, doc, format)
}

// slow is how long a report may take before its progress is shown.
const slow = 3 * time.Second

// progressTo tells of the progress of a report that takes longer than a moment.
func progressTo(w io.Writer, began time.Time) func(question string, answered, all int) {
	return func(question string, answered, all int) {
		if took := time.Since(began); took > slow {
			fmt.Fprintf(w, "%3.0f s  %d of %d questions answered: %s\n", took.Seconds(), answered, all, question)
		}
	}
}

// definition returns the report that the flags name, narrowed as they say.
func (o *reportOptions) definition(p *process) (report.Definition, error) {
	all, err := p.reports(o.file)
	if err != nil {
		return report.Definition{}, err
	}
	var names []string
	for _, d := range all {
		names = append(names, d.Name)
	}
	i := slices.Index(names, o.kind)
	if i < 0 {
		return report.Definition{}, fmt.Errorf("--type: %s", strict.Unknown("report", o.kind, names))
	}
	d := all[i]
	if len(o.channels) > 0 {
		d.Channels = o.channels
	}
	if o.experiment != "" {
		d.Experiment = o.experiment
	}
	return d, nil
}

// chosenFormat returns the format that the flags choose.
func (o *reportOptions) chosenFormat() (render.Format, error) {
	name := o.format
	if name == "" {
		name = onTerminal
		for _, f := range render.Formats {
			if filepath.Ext(o.out) == "."+f.Extension {
				name = f.Name
			}
		}
	}
	f, err := render.Named(name)
	switch {
	case err != nil:
		return f, fmt.Errorf("--format: %s", strict.Unknown("format", name, render.Names()))
	case !strings.HasPrefix(f.MediaType, "text/") && f.Extension != "json" && o.out == "":
		return f, fmt.Errorf("--format %s: it is not text: name a file with --out", f.Name)
	}
	return f, nil
}

// period returns the period that the flags name, or the last unit of the report.
func (o *reportOptions) period(d report.Definition, now time.Time) (report.Period, error) {
	location, ok := zone.Find(o.zone)
	if !ok {
		return report.Period{}, fmt.Errorf("--timezone: unknown time zone %q: use a name such as Europe/Berlin", o.zone)
	}
	now = now.In(location)
	switch {
	case o.last != "" && (o.from != "" || o.to != ""):
		return report.Period{}, errors.New("--last excludes --from and --to: use one")
	case o.last != "" && !slices.Contains(report.Units, o.last):
		last, err := model.ParseDuration(o.last)
		if err != nil || last <= 0 {
			return report.Period{}, fmt.Errorf("--last: invalid value %q: use one of %s, or a duration such as 6h",
				o.last, strings.Join(report.Units, ", "))
		}
		return report.Period{From: now.Add(-time.Duration(last)), To: now}, nil
	case o.last != "":
		return report.Last(o.last, now)
	case o.from == "" && o.to == "":
		return report.Last(d.Period, now)
	case o.from == "":
		return report.Period{}, errors.New("--to needs --from: say when the period begins")
	}
	r, err := analytics.Params{From: o.from, To: o.to, Timezone: o.zone}.Request(now)
	return report.Period{From: r.From, To: r.To}, err
}

// write writes the report to the file, whole or not at all, or to standard output.
func (o *reportOptions) write(p *process, doc report.Document, format render.Format) error {
	var b bytes.Buffer
	if err := render.Write(&b, doc, format.Name); err != nil {
		return err
	}
	if o.out == "" {
		_, err := p.stdout.Write(b.Bytes())
		return err
	}
	if err := os.WriteFile(o.out, b.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "wrote %s: %s, %s\n%s\n", o.out, doc.Title, doc.Period, doc.Headline)
	return nil
}

func listReportsCommand(app *kingpin.Application) command {
	c := reportGroup(app).Command("list", "List the reports that can be made.")
	var o reportOptions
	o.fileFlag(c)
	return command{c, o.list}
}

func (o *reportOptions) list(_ context.Context, p *process) error {
	all, err := p.reports(o.file)
	if err != nil {
		return err
	}
	for _, d := range all {
		fmt.Fprintf(p.stdout, "%s: %s, of a %s by default\n    %s\n", d.Name, d.Title, d.Period,
			strings.Join(d.Sections, ", "))
	}
	fmt.Fprintln(p.stdout, "\nFormats:")
	for _, f := range render.Formats {
		fmt.Fprintf(p.stdout, "  %-9s %s\n", f.Name, f.Purpose)
	}
	return nil
}

// reports returns the built-in reports and those of a file. A path that no flag gave is empty.
func (p *process) reports(path string) ([]report.Definition, error) {
	all := report.Builtin()
	if path == "" {
		return all, nil
	}
	text, name, err := p.read(path)
	if err != nil {
		return nil, fmt.Errorf("load reports: %w", err)
	}
	own, err := report.Parse(name, text)
	return append(all, own...), err
}
