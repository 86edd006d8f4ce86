package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/insights/experiment"
)

func abtestCommand(app *kingpin.Application) command {
	c := insightsGroup(app).Command("abtest",
		"Judge an experiment whose counts are in a JSON file, and print the result as JSON.")
	in := c.Flag("in", "File with the counts, - for standard input.").PlaceHolder("FILE").Required().String()
	return command{c, func(_ context.Context, p *process) error {
		trial, err := readTrial(p, *in)
		if err != nil {
			return err
		}
		return writeJSON(p.stdout, experiment.Judge(trial))
	}}
}

func readTrial(p *process, path string) (experiment.Trial, error) {
	in, name, err := p.open(path)
	if err != nil {
		return experiment.Trial{}, fmt.Errorf("read the counts: %w", err)
	}
	defer in.Close()
	trial, err := experiment.Decode(in, time.Now().UTC())
	if err != nil {
		return experiment.Trial{}, fmt.Errorf("read the counts of %s:\n%w", name, err)
	}
	return trial, nil
}

func sampleSizeCommand(app *kingpin.Application) command {
	c := insightsGroup(app).Command("samplesize",
		"Say how many users a test of two proportions needs, as JSON.")
	var o experiment.SizeOptions
	c.Flag("baseline", "Share of control's users with the outcome, such as 0.1.").Required().
		SetValue((*amount)(&o.Baseline))
	c.Flag("effect", "Absolute difference to find, such as 0.02.").Required().SetValue((*amount)(&o.Effect))
	c.Flag("alpha", "Probability of finding a difference where there is none.").Default("0.05").
		SetValue((*amount)(&o.Alpha))
	c.Flag("power", "Probability of finding a difference of that size.").Default("0.8").SetValue((*amount)(&o.Power))
	c.Flag("ratio", "Users of the variant per user of control.").Default("1").SetValue((*amount)(&o.Ratio))
	return command{c, func(_ context.Context, p *process) error {
		size, err := experiment.SampleSize(o)
		if err != nil {
			return err
		}
		return json.NewEncoder(p.stdout).Encode(size)
	}}
}

// amount is the value of a flag: a number, with an error that people understand.
type amount float64

// Set reads the number.
func (a *amount) Set(text string) error {
	x, err := strconv.ParseFloat(text, 64)
	if share, isPercent := strings.CutSuffix(text, "%"); isPercent {
		if x, err := strconv.ParseFloat(strings.TrimSpace(share), 64); err == nil {
			return fmt.Errorf("expected a number, got %q: write %v", text, x/100)
		}
	}
	if err != nil {
		return fmt.Errorf("expected a number, got %q", text)
	}
	*a = amount(x)
	return nil
}

// String returns the number.
func (a *amount) String() string { return strconv.FormatFloat(float64(*a), 'g', -1, 64) }
