package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"belfry/alertmanager"
	"belfry/exporter/strict"
	"belfry/rules"
	"belfry/rules/backtest"
	"belfry/rules/promapi"
)

// backtesting is what the flags of rules backtest ask for.
type backtesting struct {
	rule, rules, prometheus string
	from, to                string
	step                    model.Duration
	asJSON                  bool
}

func backtestCommand(app *kingpin.Application) command {
	c := rulesGroup(app).Command("backtest", "Show when an alert would have been pending and firing, and how often it would have been told.")
	b := &backtesting{}
	c.Flag("rule", "Name of a shipped alert, id of one in the rules file (enabled or not), or a rule file of Prometheus.").Required().StringVar(&b.rule)
	c.Flag("rules", "The rules file.").StringVar(&b.rules)
	c.Flag("prometheus", "Address of Prometheus.").Required().StringVar(&b.prometheus)
	c.Flag("from", "Since when: a time such as 2026-01-31T12:00:00Z, a day, or how long ago, such as 7d.").Default("7d").StringVar(&b.from)
	c.Flag("to", "Until when; 0s is now.").Default("0s").StringVar(&b.to)
	c.Flag("step", "Evaluate it so often, instead of at the rule's own interval.").SetValue(&b.step)
	c.Flag("json", "Print the result as JSON.").BoolVar(&b.asJSON)
	return command{c, b.run}
}

func (b *backtesting) run(ctx context.Context, p *process) error {
	settings, err := rules.LoadSettings(b.rules)
	if err != nil {
		return err
	}
	now := time.Now()
	from, err := moment(b.from, now)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	to, err := moment(b.to, now)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	chosen, err := b.choose(settings)
	if err != nil {
		return err
	}
	routing, err := alertmanager.Render(settings)
	if err != nil {
		return err
	}
	routes, err := backtest.ReadRoutes(routing)
	if err != nil {
		return err
	}
	api, err := promapi.New(b.prometheus, promapi.Options{})
	if err != nil {
		return fmt.Errorf("--prometheus: %w", err)
	}
	history := backtest.Prometheus{API: api}
	var outcomes []backtested
	for _, rule := range chosen {
		result, err := backtest.Run(ctx, history, rule, from, to, time.Duration(b.step))
		if err != nil {
			return err
		}
		outcomes = append(outcomes, backtested{result, routes.Messages(result)})
	}
	if b.asJSON {
		return printOutcomes(p.stdout, outcomes)
	}
	for _, o := range outcomes {
		o.print(p.stdout)
	}
	return nil
}

// moment reads a point in time, or how long ago it was.
func moment(text string, now time.Time) (time.Time, error) {
	if ago, err := model.ParseDuration(text); err == nil {
		return now.Add(-time.Duration(ago)), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	return time.Time{}, fmt.Errorf("%q is no time such as 2026-01-31T12:00:00Z, no day such as 2026-01-31, and not how long ago, such as 7d", text)
}

// choose finds the rules: those of a file, or those of the name or id, of which
// there is one for each severity. One that is not enabled yet is enabled for it,
// so that its routes exist too.
func (b *backtesting) choose(settings *rules.Settings) ([]backtest.Rule, error) {
	text, err := os.ReadFile(b.rule)
	if err == nil {
		found, err := backtest.Read(text)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", b.rule, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s has no alerting rule", b.rule)
		}
		return found, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for i := range settings.Alerts {
		if a := &settings.Alerts[i]; a.ID == b.rule || a.Name == b.rule {
			enabled := true
			a.Enabled = &enabled
		}
	}
	files, err := rules.FilesFor(settings)
	if err != nil {
		return nil, err
	}
	var chosen []backtest.Rule
	known := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all, err := backtest.Read(files[name])
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		for _, r := range all {
			bare := strings.TrimPrefix(r.Name, rules.Prefix)
			known[r.Labels["rule"]] = true
			if b.rule == r.Name || b.rule == bare || b.rule == r.Labels["rule"] {
				chosen = append(chosen, r)
			}
		}
	}
	if len(chosen) == 0 {
		for _, a := range settings.Alerts {
			known[a.ID] = true
		}
		return nil, fmt.Errorf("%s, and no file either", strict.Unknown("alert", b.rule, slices.Sorted(maps.Keys(known))))
	}
	return chosen, nil
}
