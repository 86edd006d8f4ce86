package verdicts

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/service"
	"belfry/rules"
	"belfry/rules/simtime"
)

const (
	// watched is longer than any of the alerts waits.
	watched = time.Hour
	// scrapeEvery is the interval at which insights is scraped, refreshEvery the one at
	// which it asks: that of the rules that record what it reads.
	scrapeEvery, refreshEvery = 30 * time.Second, 5 * time.Minute
)

// raised lists the alerts that experiments must raise, and no other. Those about other
// things are not compared: volumes that are recorded at longer intervals than the shipped
// ones are anomalous.
var raised = []string{
	rules.GuardrailBreach.Name + " exp_urgency",
	rules.ExperimentDecided.Name + " exp_subject",
	rules.SampleRatioMismatch.Name + " exp_cta",
}

// insights is the service, and a server that scrapes it and evaluates the shipped alerts.
type insights struct {
	programs
	*simtime.Server
	service    *service.Service
	url        string
	at         time.Time // the clock of both
	exposition *exposition
}

// startInsights starts the service on a past, with a file of plans.
func startInsights(ctx context.Context, dir, prometheusURL, plans string) (_ *insights, err error) {
	files, err := rules.Files()
	if err != nil {
		return nil, err
	}
	i := &insights{at: decided, exposition: newExposition(rules.InsightsJob, nil)}
	if i.Server, err = simtime.Open(ctx, filepath.Join(dir, "alerts"), files, simtime.OneBlock()); err != nil {
		return nil, err
	}
	i.onStop(i.Server.DB.Close)
	i.service, err = service.New(service.Options{
		Prometheus: prometheusURL, Experiments: plans, Now: func() time.Time { return i.at },
	})
	if err == nil {
		i.url, err = i.serve(i.service.Handler())
	}
	if err != nil {
		_ = i.stop()
		return nil, err
	}
	return i, nil
}

// watch lets the service answer, and the alerts ripen, until the end.
func (i *insights) watch(ctx context.Context) error {
	for ; ; i.at = i.at.Add(scrapeEvery) {
		if i.at.Equal(i.at.Truncate(refreshEvery)) {
			i.service.Refresh(ctx)
		}
		page, err := get(ctx, i.url+"/metrics")
		if err != nil {
			return err
		}
		err = i.Scrape(ctx, i.at, func(add simtime.Append) error { return i.exposition.add(page, add) })
		if err != nil {
			return err
		}
		if err := i.Evaluate(ctx, i.at, 0, "notification_insights"); err != nil {
			return err
		}
		if i.at.Equal(until) {
			return nil
		}
	}
}

// experiments returns what the service answers about experiments.
func (i *insights) experiments(ctx context.Context) (answer service.Experiments, err error) {
	page, err := get(ctx, i.url+"/api/v1/experiments")
	if err == nil {
		err = json.Unmarshal(page, &answer)
	}
	return answer, err
}

// compareAlerts prints the alerts about experiments and returns one line for each
// that is missing or too many.
func (i *insights) compareAlerts(out io.Writer) (wrong []string) {
	var fired []string
	for _, f := range i.Fired(until) {
		if of := f.Labels.Get(catalog.LabelExperiment.Name); of != "" {
			fired = append(fired, f.Labels.Get("alertname")+" "+of)
		}
	}
	fmt.Fprintf(out, "alerts: %q\n", fired)
	for _, name := range raised {
		if !slices.Contains(fired, name) {
			wrong = append(wrong, fmt.Sprintf("the alert %s is missing", name))
		}
	}
	for _, name := range fired {
		if !slices.Contains(raised, name) {
			wrong = append(wrong, fmt.Sprintf("the alert %s fires", name))
		}
	}
	return wrong
}
