package weeks

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"belfry/exporter/catalog"
	belfryrules "belfry/rules"
	"belfry/rules/simtime"
)

// kinds lists the faults that the band must find at any hour.
var kinds = []struct {
	name   string
	factor float64
	alert  belfryrules.Alert
}{
	{"outage", 0, belfryrules.VolumeLow},
	{"halving", 0.5, belfryrules.VolumeLow},
	{"tripling", 3, belfryrules.VolumeHigh},
}

// faultDays is how many days in a row each channel has a fault, and faultChannels how
// many channels share the hours of the day.
const (
	faultDays     = 4
	faultChannels = 24 / faultDays
	faultLasts    = 45 * time.Minute
)

// foundReport holds which faults were found, in the week after a clock change and in
// an ordinary week.
type foundReport struct {
	weeks []foundWeek
}

// foundWeek holds the hours, in UTC, at which faults were missed, by audience and
// kind.
type foundWeek struct {
	name   string
	missed map[string][]int
}

// clockFaults simulates a fault of each kind at each hour, from Tuesday to Friday of
// the week after Berlin's clocks go forward, of that after they go back, and of an
// ordinary week.
func clockFaults(ctx context.Context, dir string, seed uint64) (*foundReport, error) {
	r := &foundReport{}
	for _, week := range []struct {
		name   string
		sunday time.Time
	}{{"ordinary", spring.AddDate(0, 0, -7)}, {"spring", spring}, {"autumn", autumn}} {
		found, err := faultsAfter(ctx, filepath.Join(dir, week.name), seed, week.sunday)
		if err != nil {
			return nil, err
		}
		r.weeks = append(r.weeks, foundWeek{week.name, found})
	}
	return r, nil
}

// faultsAfter simulates the week after a Sunday, and returns the hours at which faults
// were missed.
func faultsAfter(ctx context.Context, dir string, seed uint64, sunday time.Time) (map[string][]int, error) {
	tuesday := sunday.AddDate(0, 0, 2)
	var channels []*traffic
	for _, day := range rhythms {
		for _, kind := range kinds {
			for i := range faultChannels {
				name := fmt.Sprintf("%s %s %d", day.name, kind.name, i)
				a := audience{name, []crowd{{berlin, 1}}, day.busy}
				faults := hourly(name, kind.factor, tuesday, i)
				channels = append(channels, newTraffic(a, seed+uint64(len(channels)), faults...))
			}
		}
	}
	c, err := newClocks(ctx, dir, channels)
	if err != nil {
		return nil, err
	}
	defer c.DB.Close()
	watch, end := sunday.AddDate(0, 0, -1), tuesday.AddDate(0, 0, faultDays)
	if err := c.run(ctx, watch.Add(-learning), end, func(t time.Time) bool { return t.After(watch) }); err != nil {
		return nil, err
	}
	return missed(channels, c.Fired(end)), nil
}

// hourly returns the faults of one of the channels: a fault a day, each an hour later
// than that of the day before.
func hourly(channel string, factor float64, first time.Time, of int) []fault {
	var faults []fault
	for day := range faultDays {
		from := first.AddDate(0, 0, day).Add(time.Duration(faultDays*of+day)*time.Hour + 7*time.Minute)
		faults = append(faults, fault{channel, from, from.Add(faultLasts), factor})
	}
	return faults
}

// missed returns the hours of the faults for which no alert fired before they ended.
func missed(channels []*traffic, fired []simtime.Firing) map[string][]int {
	hours := map[string][]int{}
	for _, channel := range channels {
		for _, f := range channel.faults {
			found := slices.ContainsFunc(fired, func(firing simtime.Firing) bool {
				low := alertName(firing) == belfryrules.VolumeLow.Name
				return firing.Labels.Get(catalog.LabelChannel.Name) == channel.name && low == (f.factor < 1) &&
					firing.From.After(f.from) && !firing.From.After(f.to)
			})
			if !found {
				kind := channel.name[:strings.LastIndex(channel.name, " ")]
				hours[kind] = append(hours[kind], f.from.Hour())
			}
		}
	}
	for _, all := range hours {
		slices.Sort(all)
	}
	return hours
}

// steepHours is how many more of the 24 faults of a kind may be missed than in an
// ordinary week: what is usual changes by half within the hour in a few.
const steepHours = 3

// Err names the kinds of which more were missed than in an ordinary week, the first.
func (r *foundReport) Err() error {
	var wrong []string
	ordinary := r.weeks[0].missed
	for _, week := range r.weeks[1:] {
		for kind, hours := range week.missed {
			if len(hours) > len(ordinary[kind])+steepHours {
				wrong = append(wrong, fmt.Sprintf("%s week: %s missed at %v, and in an ordinary week at %v",
					week.name, kind, hours, ordinary[kind]))
			}
		}
	}
	slices.Sort(wrong)
	return join(wrong)
}

func (r *foundReport) String() string {
	var b strings.Builder
	b.WriteString("faults, of 24 each, found in an ordinary week and in those after a clock change:\n")
	for _, busy := range []string{"even", "steep"} {
		for _, kind := range kinds {
			fmt.Fprintf(&b, "  %-15s", busy+" "+kind.name)
			for _, week := range r.weeks {
				hours := week.missed[busy+" "+kind.name]
				fmt.Fprintf(&b, "  %s %2d, missed at %v", week.name, 24-len(hours), hours)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
