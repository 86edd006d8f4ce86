package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter/daemon"
	"belfry/insights/forecast"
	"belfry/insights/series"
)

// forecastOf holds the flags of insights forecast.
type forecastOf struct {
	file, until string
	options     forecast.Options
}

func forecastCommand(app *kingpin.Application) command {
	c := insightsGroup(app).Command("forecast", "Forecast the series of a CSV file, with intervals. Standard error "+
		"gets one JSON line with the model and the error of its backtest (MASE; below 1 is better than repeating the "+
		"last season).")
	f := &forecastOf{}
	csvFlag(c, &f.file)
	daemon.IntVar(c.Flag("horizon", "How many steps to forecast.").Required(), &f.options.Horizon,
		1, forecast.MaxHorizon)
	daemon.IntVar(c.Flag("season", "Steps of the pattern that repeats, 1 for none. Default: detected."),
		&f.options.Season, 1, math.MaxInt32)
	c.Flag("until", "Use the rows up to and including this time. Default: all.").StringVar(&f.until)
	return command{c, f.run}
}

func (f *forecastOf) run(_ context.Context, p *process) error {
	rows, err := readCSV(p, f.file)
	if err != nil {
		return err
	}
	points := series.InOrder(rows)
	if f.until != "" {
		if points, err = upTo(points, f.until); err != nil {
			return err
		}
	}
	result, err := forecast.Fit(points, f.options)
	if err != nil {
		return fmt.Errorf("forecast %s: %w", f.file, err)
	}
	if err := json.NewEncoder(p.stderr).Encode(result); err != nil {
		return err
	}
	return result.WriteCSV(p.stdout, series.Layout(rows))
}

// upTo returns the points up to and including a time.
func upTo(points []series.Point, until string) ([]series.Point, error) {
	last, err := series.ParseTime(until)
	if err != nil {
		return nil, fmt.Errorf("--until: %w", err)
	}
	after := slices.IndexFunc(points, func(p series.Point) bool { return p.At.After(last) })
	if after == 0 {
		return nil, fmt.Errorf("--until %s is before the first row at %s", until, points[0].At.Format(time.RFC3339))
	}
	if after > 0 {
		points = points[:after]
	}
	return points, nil
}
