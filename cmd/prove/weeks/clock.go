package weeks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/tsdb"

	"belfry/exporter/catalog"
	belfryrules "belfry/rules"
	"belfry/rules/simtime"
)

// The Sundays on which Berlin's clocks change in 2025: forward in spring, back in
// autumn. New York's change three weeks before and a week after.
var (
	spring = time.Date(2025, time.March, 30, 0, 0, 0, 0, time.UTC)
	autumn = time.Date(2025, time.October, 26, 0, 0, 0, 0, time.UTC)
)

// learning is how much history the band needs, with all three times that it compares
// with.
const learning = 15 * 24 * time.Hour

// clocks evaluates the band of what is sent, and its alerts, in simulated time.
type clocks struct {
	*simtime.Server
	channels []*traffic
}

func newClocks(ctx context.Context, dir string, channels []*traffic) (*clocks, error) {
	options := tsdb.DefaultOptions()
	options.MinBlockDuration = (4 * 24 * time.Hour).Milliseconds() // few blocks are read faster
	options.MaxBlockDuration = (36 * 24 * time.Hour).Milliseconds()
	options.RetentionDuration = (400 * 24 * time.Hour).Milliseconds()
	server, err := simtime.Open(ctx, dir, map[string][]byte{"seasons.yaml": bandOfVolume()}, options)
	if err != nil {
		return nil, err
	}
	return &clocks{server, channels}, nil
}

// bandOfVolume returns a rule file with the shipped rules that the alerts on volume
// read, beyond the rate itself, and these alerts. The median of a week is the dearest
// of the rules and changes slowly: it is evaluated every four minutes.
func bandOfVolume() []byte {
	season := belfryrules.VolumeSeason
	var slow, fast []string
	for _, r := range belfryrules.Recorded() {
		rule := fmt.Sprintf("      - {record: %q, expr: %q}\n", r.Name, r.Definition)
		switch {
		case r.Name == season.Spread.Name:
			slow = append(slow, rule)
		case strings.HasPrefix(r.Name, season.Series.Name+"_"):
			fast = append(fast, rule)
		}
	}
	for _, a := range []belfryrules.Alert{belfryrules.VolumeLow, belfryrules.VolumeHigh} {
		fast = append(fast, fmt.Sprintf("      - {alert: %q, expr: %q, for: %s, keep_firing_for: %s}\n",
			a.Name, a.Expr, model.Duration(a.For), model.Duration(a.KeepFiringFor)))
	}
	return []byte("groups:\n" +
		"  - name: slow\n    interval: 4m\n    rules:\n" + strings.Join(slow, "") +
		"  - name: fast\n    interval: 1m\n    rules:\n" + strings.Join(fast, ""))
}

// run simulates the minutes after from, up to to. It evaluates the rules in those that
// watched reports.
func (c *clocks) run(ctx context.Context, from, to time.Time, watched func(time.Time) bool) error {
	for t := from.Add(time.Minute); !t.After(to); t = t.Add(time.Minute) {
		err := c.Scrape(ctx, t, func(add simtime.Append) error {
			for _, channel := range c.channels {
				if err := add(&channel.sent, channel.step(t)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if !watched(t) {
			continue
		}
		if err := c.Evaluate(ctx, t, 0); err != nil {
			return err
		}
	}
	return nil
}

// clockReport holds the seasonal alarms of a year without a fault.
type clockReport struct {
	from, to time.Time
	channels []*traffic
	fired    []simtime.Firing
}

// always watches every minute.
func always(time.Time) bool { return true }

// clockYear simulates a year with clock changes, in which nothing is wrong.
func clockYear(ctx context.Context, dir string, seed uint64) (*clockReport, error) {
	from := time.Date(2025, time.January, 20, 0, 0, 0, 0, time.UTC)
	return clockWeeks(ctx, dir, seed, audiences(), from, from.AddDate(1, 0, 0), always)
}

// clockWeeks simulates the time after from without a fault, and before it the weeks
// that the band compares with. It evaluates the rules in the minutes that watched
// reports.
func clockWeeks(
	ctx context.Context, dir string, seed uint64, of []audience, from, to time.Time, watched func(time.Time) bool,
) (*clockReport, error) {
	r := &clockReport{from: from, to: to}
	for i, a := range of {
		r.channels = append(r.channels, newTraffic(a, seed+uint64(i)))
	}
	c, err := newClocks(ctx, dir, r.channels)
	if err != nil {
		return nil, err
	}
	defer c.DB.Close()
	err = c.run(ctx, from.Add(-learning), to, func(t time.Time) bool { return t.After(from) && watched(t) })
	if err != nil {
		return nil, err
	}
	r.fired = c.Fired(to)
	return r, nil
}

// Err names every alarm: a clock change is no anomaly.
func (r *clockReport) Err() error {
	var wrong []string
	for _, f := range r.fired {
		wrong = append(wrong, "nothing was wrong: "+alarm(f))
	}
	return join(wrong)
}

func (r *clockReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "clock: %s to %s\n", r.from.Format(time.DateOnly), r.to.Format(time.DateOnly))
	for _, channel := range r.channels {
		mine := slices.DeleteFunc(slices.Clone(r.fired), func(f simtime.Firing) bool {
			return f.Labels.Get(catalog.LabelChannel.Name) != channel.name
		})
		fmt.Fprintf(&b, "  %-18s %d alarms\n", channel.name, len(mine))
	}
	return b.String()
}

// alarm formats an alert that fired, without a severity.
func alarm(f simtime.Firing) string {
	return fmt.Sprintf("%s for %s from %s: %s", alertName(f), f.To.Sub(f.From), f.From.Format("Mon 2006-01-02 15:04"),
		f.Labels.Get(catalog.LabelChannel.Name))
}
