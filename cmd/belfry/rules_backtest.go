package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"belfry/alertmanager"
	"belfry/exporter/catalog"
	"belfry/exporter/strict"
	"belfry/rules"
	"belfry/rules/backtest"
	"belfry/rules/promapi"
	"belfry/rules/settings"
)

// backtestOptions holds the flags of rules backtest.
type backtestOptions struct {
	rule, rules, prometheus string
	httpConfig              *string
	from, to                string
	step                    model.Duration
	asJSON                  bool
}

func backtestCommand(app *kingpin.Application) command {
	c := rulesGroup(app).Command("backtest",
		"Show when an alert would have been pending and firing, and how often it would have notified.")
	o := &backtestOptions{}
	c.Flag("rule",
		"Name of a shipped alert, id of an alert in the rules file (enabled or not), or a Prometheus rule file; "+
			"- reads one from standard input.").
		Required().StringVar(&o.rule)
	c.Flag("rules", "Rules file; - reads standard input.").StringVar(&o.rules)
	serverVar(c, "prometheus", "URL of Prometheus.", &o.prometheus).Default(defaultPrometheus)
	o.httpConfig = httpFlag(c)
	c.Flag("from", "Start: a time such as 2026-01-31T12:00:00Z, a day, or how long ago, such as 7d.").
		Default("7d").StringVar(&o.from)
	c.Flag("to", "End, like --from; 0s is now.").Default("0s").StringVar(&o.to)
	durationVar(c.Flag("step", "Evaluation step, instead of the rule's own interval."), &o.step)
	c.Flag("json", "Print the result as JSON.").BoolVar(&o.asJSON)
	return command{c, o.run}
}

func (o *backtestOptions) run(ctx context.Context, p *process) error {
	file, err := p.settings(o.rules)
	if err != nil {
		return err
	}
	now := time.Now()
	from, err := moment(o.from, now)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	to, err := moment(o.to, now)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	chosen, err := o.choose(p, file)
	if err != nil {
		return err
	}
	routing, err := alertmanager.Render(file)
	if err != nil {
		return err
	}
	routes, err := backtest.ReadRoutes(routing)
	if err != nil {
		return err
	}
	client, err := httpClient(*o.httpConfig)
	if err != nil {
		return err
	}
	api, err := promapi.New(o.prometheus, promapi.Options{Client: client})
	if err != nil {
		return fmt.Errorf("--prometheus.url: %w", err)
	}
	past := backtest.Prometheus{API: api}
	var outcomes []backtested
	for _, rule := range chosen {
		result, err := backtest.Run(ctx, past, rule, from, to, time.Duration(o.step))
		if err != nil {
			return err
		}
		outcomes = append(outcomes, backtested{result, routes.Messages(result)})
	}
	if o.asJSON {
		return printOutcomes(p.stdout, outcomes)
	}
	for _, o := range outcomes {
		o.print(p.stdout)
	}
	return nil
}

// moment parses a point in time, or how long ago it was.
func moment(text string, now time.Time) (time.Time, error) {
	if ago, err := model.ParseDuration(text); err == nil {
		return now.Add(-time.Duration(ago)), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime,
		time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	return time.Time{},
		fmt.Errorf("invalid time %q: use a time such as 2026-01-31T12:00:00Z, a day, or how long ago, such as 7d", text)
}

// choose returns the rules of a rule file, or those of the name or id in the
// rules file, one for each severity. An alert of its own need not be enabled.
func (o *backtestOptions) choose(p *process, file *settings.Settings) ([]backtest.Rule, error) {
	text, name, err := p.read(o.rule)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return o.named(file)
	case err != nil:
		return nil, err
	}
	found, err := backtest.Read(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no alerting rule", name)
	}
	_, err = rules.Compile(file) // it has the routes of the messages
	return found, err
}

func (o *backtestOptions) named(file *settings.Settings) ([]backtest.Rule, error) {
	known := map[string]bool{}
	for i := range file.Alerts {
		a := &file.Alerts[i]
		known[a.ID] = true
		if a.ID == o.rule || a.Name == o.rule {
			a.Enabled = new(true) // so that its routes exist too
		}
	}
	set, err := rules.Compile(file)
	if err != nil {
		return nil, err
	}
	files, err := set.Files()
	if err != nil {
		return nil, err
	}
	var chosen []backtest.Rule
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all, err := backtest.Read(files[name])
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		for _, r := range all {
			id := r.Labels[catalog.LabelRule.Name]
			known[id] = true
			if slices.Contains([]string{r.Name, strings.TrimPrefix(r.Name, settings.Prefix), id}, o.rule) {
				chosen = append(chosen, r)
			}
		}
	}
	bare := strings.TrimPrefix(o.rule, settings.Prefix)
	if len(chosen) == 0 && slices.Contains(file.Disabled, bare) {
		return nil, fmt.Errorf("the rules file leaves %s out: take it out of disabled to see what it would have done",
			bare)
	}
	if len(chosen) == 0 {
		unknown := strict.Unknown("alert", o.rule, slices.Sorted(maps.Keys(known)))
		return nil, fmt.Errorf("%s; no file has this name", unknown)
	}
	return chosen, nil
}
