// Package analytics measures how long insights takes to answer about twelve months, and to make
// a report about them.
//
// It makes up a year of what the shipped rules record of the typical platform, writes
// it as the blocks into which Prometheus compacts a year, starts the pinned Prometheus
// on it, and asks for the year by month, week and day, as a service does that was just
// started, and then again. Increases of five minutes, of hours of the clock and of days of
// UTC have all their samples. The sums over the last hour are written for the last days
// only, since of a year no more is read.
package analytics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/dashboards-gen/backfill"
	"belfry/deploy/stack"
	"belfry/insights/analytics"
	"belfry/insights/query"
	"belfry/insights/report"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/promapi"
)

const day = 24 * time.Hour

// until is the end of the year.
var until = time.Date(2026, time.March, 3, 0, 0, 0, 0, time.UTC)

// limit is how long an answer about twelve months may take.
const limit = 2 * time.Second

// volumes lists what analytics reads, and hourly what else.
var (
	volumes = []rules.Volume{
		rules.StageVolume, rules.CategoryVolume, rules.TemplateVolume, rules.SendHourVolume,
		rules.ChannelFrequencyVolume,
		rules.ProviderVolume, rules.ErrorVolume, rules.FaultVolume, rules.RetryVolume, rules.CostVolume,
		rules.ValueVolume, rules.ServiceVolume,
		rules.LatencyVolume, rules.LatencySumVolume, rules.ProcessingVolume, rules.ProcessingSumVolume,
		rules.RenderSumVolume, rules.RenderCountVolume, rules.ServiceSumVolume, rules.ServiceCountVolume,
	}
	hourly = []expr.Recorded{
		rules.HourComplete, rules.DayComplete,
		rules.CPUHour, rules.MemoryHour, rules.DiskHour, rules.NetworkHour, rules.QueueHour,
	}
)

// proof holds the flags.
type proof struct {
	past, fine time.Duration
	times      int
	zone       string
	keep       string // the directory of the data, "" for one that is removed
	out        io.Writer
}

// Command adds the subcommand analytics.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("analytics", "Measure answers about twelve months.")
	days := c.Flag("days", "Length of the past.").Default("365").Int()
	p := proof{fine: 3 * day, out: os.Stdout}
	c.Flag("times", "How often to ask each question after the first time.").Default("5").IntVar(&p.times)
	c.Flag("timezone", "Time zone of days, weeks and months.").Default("UTC").StringVar(&p.zone)
	c.Flag("keep", "Keep the data in this directory, and use what an earlier run wrote to it.").StringVar(&p.keep)
	return c, func(ctx context.Context) error {
		p.past = time.Duration(*days) * day
		return p.run(ctx)
	}
}

func (p proof) run(ctx context.Context) (err error) {
	dir := filepath.Join(p.keep, fmt.Sprintf("%d-days", p.past/day))
	if p.keep == "" {
		if dir, err = os.MkdirTemp("", "belfry-analytics-"); err != nil {
			return err
		}
		defer func() { err = cmp.Or(err, os.RemoveAll(dir)) }()
	}
	if err := p.write(ctx, dir); err != nil {
		return err
	}
	server, err := stack.ServeBlocks(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, server.Stop()) }()
	api, err := promapi.New(server.URL, promapi.Options{})
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(p.zone)
	if err != nil {
		return err
	}
	for _, g := range []analytics.Granularity{analytics.Month, analytics.Week, analytics.Day} {
		source := query.New(api, query.Options{Now: func() time.Time { return until }})
		of := analytics.Request{From: until.Add(-p.past).In(zone), To: until.In(zone), Granularity: g}
		err = errors.Join(err, p.ask(ctx, source, of, "first time", 1), p.ask(ctx, source, of, "again", p.times))
	}
	return errors.Join(err, p.report(ctx, query.New(api, query.Options{Now: func() time.Time { return until }}), zone))
}

// reportLimit is how long a report about the year may take.
const reportLimit = 10 * time.Second

// report makes a report about the year with all sections.
func (p proof) report(ctx context.Context, s *query.Source, zone *time.Location) error {
	d := report.Definition{Name: "yearly", Title: "Yearly", Period: report.Year, Sections: report.Sections()}
	began := time.Now()
	doc, err := report.Maker{Source: s}.Make(ctx, d, report.Period{From: until.Add(-p.past).In(zone),
		To: until.In(zone)})
	if err != nil {
		return err
	}
	took := time.Since(began).Round(time.Millisecond)
	fmt.Fprintf(p.out, "a report about %s with %d sections: %s; %d queries\n", doc.Period, len(doc.Sections), took,
		len(doc.Queries))
	if took > reportLimit {
		return fmt.Errorf("the report took %s, more than %s", took, reportLimit)
	}
	return nil
}

// write writes the year, unless an earlier run has written it.
func (p proof) write(ctx context.Context, dir string) error {
	whole := filepath.Join(dir, "written") // so that a run that was interrupted leaves no part
	if _, err := os.Stat(whole); err == nil {
		return nil
	}
	began := time.Now()
	year := p.plan()
	if err := os.RemoveAll(stack.BlocksDir(dir)); err != nil {
		return err
	}
	samples, err := year.Write(ctx, stack.BlocksDir(dir))
	if err != nil {
		return err
	}
	report := fmt.Sprintf("%d series of %d days, %d samples, written in %s\n", len(year.Plans), p.past/day, samples,
		time.Since(began).Round(time.Second))
	fmt.Fprint(p.out, report)
	return os.WriteFile(whole, []byte(report), 0o644)
}

// plan returns the year.
func (p proof) plan() *backfill.Year {
	kinds := backfill.Kinds()
	year := &backfill.Year{From: until.Add(-p.past), To: until.Add(time.Minute)}
	add := func(r expr.Recorded, from time.Time) {
		k, known := kinds[r.Name]
		if !known {
			return // some volumes have no hours
		}
		span := backfill.Span{From: from, To: year.To, Every: k.Every}
		if k.Every >= time.Hour { // of the clock
			span.Later = rules.ClockLater + time.Minute
		}
		for _, s := range backfill.Make(k) {
			year.Plans = append(year.Plans, backfill.Plan{Series: s, Spans: []backfill.Span{span}})
		}
	}
	for _, v := range volumes {
		add(v.Increase1h, until.Add(-p.fine))
		add(v.Increase5m, year.From)
		add(v.IncreaseHour, year.From)
		add(v.IncreaseDay, year.From)
	}
	for _, r := range hourly {
		add(r, year.From)
	}
	return year
}

// ask asks for the year several times, and returns an error if an answer is late or
// incomplete.
func (p proof) ask(ctx context.Context, s *query.Source, of analytics.Request, which string, times int) error {
	question := fmt.Sprintf("by %s in %s, %s", of.Granularity, of.To.Location(), which)
	var a *analytics.Analytics
	var took []time.Duration
	for range times {
		began := time.Now()
		var err error
		a, err = analytics.Compute(ctx, s, of)
		if err != nil {
			return err
		}
		if !a.Status.Usable() {
			return fmt.Errorf("%s: %s: %s", question, a.Status.State, a.Status.Reason)
		}
		took = append(took, time.Since(began).Round(time.Millisecond))
	}
	if times == 0 {
		return nil
	}
	slices.Sort(took)
	worst := took[times-1]
	fmt.Fprintf(p.out, "%s: median %s, worst %s; %d queries, %d buckets, %d templates, %s %s\n", question,
		took[times/2], worst, len(a.Queries), len(a.Series), len(a.TemplateMetrics), a.Status.State, a.Status.Reason)
	if worst > limit {
		return fmt.Errorf("%s: the answer took %s, more than %s", question, worst, limit)
	}
	return nil
}
