// Package documents makes the built-in reports from a Prometheus that has months of data, such
// as that of a demo with a long history, says how long each took, and stores what they were made
// from. Tests write the reports again from that.
package documents

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/insights/experiment"
	"belfry/insights/query"
	"belfry/insights/report"
	"belfry/rules/promapi"
)

// limit is how long a report may take.
const limit = 10 * time.Second

// proof holds the flags.
type proof struct {
	prometheus, plans, record string
	from, to                  string
	out                       io.Writer
}

// Command adds the subcommand documents.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("documents", "Make the built-in reports from a running demo, and store what they are made from.")
	p := &proof{out: os.Stdout}
	c.Flag("prometheus", "Server to read from.").Default("http://127.0.0.1:9090").StringVar(&p.prometheus)
	c.Flag("plans", "File with the plans of the experiments.").StringVar(&p.plans)
	c.Flag("from", "When the incident began, in RFC 3339. Default: an hour ago.").StringVar(&p.from)
	c.Flag("to", "When the incident was over. Default: now.").StringVar(&p.to)
	c.Flag("record", "Directory to store what the reports are made from.").StringVar(&p.record)
	return c, p.run
}

func (p *proof) run(ctx context.Context) error {
	api, err := promapi.New(p.prometheus, promapi.Options{})
	if err != nil {
		return err
	}
	maker := report.Maker{Source: query.New(api, query.Options{})}
	if p.plans != "" {
		if maker.Plans, err = experiment.LoadPlans(p.plans); err != nil {
			return err
		}
	}
	for _, d := range report.Builtin() {
		period, err := p.period(d)
		if err != nil {
			return err
		}
		began := time.Now()
		facts, err := maker.Gather(ctx, d, period)
		if err != nil {
			return err
		}
		doc, took := report.Compose(facts), time.Since(began)
		fmt.Fprintf(p.out, "%s of %s: %d sections, %d queries, %s\n", d.Name, doc.Period, len(doc.Sections),
			len(doc.Queries),
			took.Round(time.Millisecond))
		if took > limit {
			return fmt.Errorf("%s took %s, more than %s", d.Name, took, limit)
		}
		if err := p.store(d.Name, facts); err != nil {
			return err
		}
	}
	return nil
}

// period returns the last unit of a report, and the incident's for that of one.
func (p *proof) period(d report.Definition) (report.Period, error) {
	now := time.Now().UTC()
	if d.Name != report.Incident {
		return report.Last(d.Period, now)
	}
	period := report.Period{From: now.Add(-time.Hour), To: now}
	var errs [2]error
	if p.from != "" {
		period.From, errs[0] = time.Parse(time.RFC3339, p.from)
	}
	if p.to != "" {
		period.To, errs[1] = time.Parse(time.RFC3339, p.to)
	}
	return period, errors.Join(errs[:]...)
}

// store stores what a report was made from.
func (p *proof) store(name string, facts *report.Facts) (err error) {
	if p.record == "" {
		return nil
	}
	file, err := os.Create(filepath.Join(p.record, name+".json.gz"))
	if err != nil {
		return err
	}
	packed := gzip.NewWriter(file)
	return errors.Join(json.NewEncoder(packed).Encode(facts), packed.Close(), file.Close())
}
