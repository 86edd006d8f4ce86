package chart

import (
	"fmt"
	"time"
)

// moment is a place on the axis of time.
type moment struct {
	at    time.Time
	label string
}

// pace is a way to divide time: so many minutes, hours, days or months, with labels.
type pace struct {
	minutes, hours, days, months int
	layout, name                 string
}

var paces = []pace{
	{minutes: 5, layout: "15:04", name: "Times"}, {minutes: 10, layout: "15:04", name: "Times"},
	{minutes: 15, layout: "15:04", name: "Times"}, {minutes: 30, layout: "15:04", name: "Times"},
	{hours: 1, layout: "15:04", name: "Hours"}, {hours: 2, layout: "15:04", name: "Hours"},
	{hours: 3, layout: "15:04", name: "Hours"}, {hours: 6, layout: "15:04", name: "Hours"},
	{hours: 12, layout: "2 Jan, 15:04", name: "Hours"},
	{days: 1, layout: "2 Jan", name: "Days"}, {days: 2, layout: "2 Jan", name: "Days"},
	{days: 7, layout: "2 Jan", name: "Days"}, {days: 14, layout: "2 Jan", name: "Days"},
	{months: 1, layout: "Jan 2006", name: "Months"}, {months: 2, layout: "Jan 2006", name: "Months"},
	{months: 3, layout: "Jan 2006", name: "Months"}, {months: 6, layout: "Jan 2006", name: "Months"},
	{months: 12, layout: "2006", name: "Years"}, {months: 60, layout: "2006", name: "Years"},
}

// hourly is the longest time that is divided into hours.
const hourly = 60 * time.Hour

// moments divides the time between two moments, both included, by a pace that suits the
// room for its labels. It also says in words what the labels are.
func moments(from, to time.Time, room float64) ([]moment, string) {
	zone := from.Location()
	if !from.Before(to) {
		return []moment{{from, from.Format("2 Jan 2006, 15:04")}}, zoneName(from)
	}
	for _, p := range paces {
		if p.inDay() && to.Sub(from) > hourly {
			continue
		}
		all := p.between(from, to, zone)
		if len(all) == 0 || float64(len(all)-1)*(width(p.sample())+16) > room {
			continue
		}
		name := p.name + ", " + zoneName(from)
		if p.inDay() && from.Format(time.DateOnly) == to.Format(time.DateOnly) {
			name = fmt.Sprintf("%s of %s, %s", p.name, from.Format("2 January 2006"), zoneName(from))
		}
		return all, name
	}
	return []moment{{from, from.Format("2006")}, {to, to.Format("2006")}}, "Years, " + zoneName(from)
}

// inDay reports whether there are several steps in a day.
func (p pace) inDay() bool { return p.minutes > 0 || p.hours > 0 }

// sample is the widest label of a pace.
func (p pace) sample() string { return time.Date(2026, 11, 28, 20, 0, 0, 0, time.UTC).Format(p.layout) }

// mostMoments keeps a pace that is far too quick from listing all of its moments.
const mostMoments = 100

func (p pace) between(from, to time.Time, zone *time.Location) (all []moment) {
	y, m, d := from.Date()
	switch {
	case p.months > 0:
		m = time.January
		d = 1
		y -= y % max(p.months/12, 1)
	case p.days == 7 || p.days == 14:
		d -= (int(time.Date(y, m, d, 12, 0, 0, 0, zone).Weekday()) + 6) % 7 // to Monday
	}
	for i := 0; len(all) < mostMoments; i++ {
		t := time.Date(y, m+time.Month(i*p.months), d+i*p.days, i*p.hours, i*p.minutes, 0, 0, zone)
		if t.After(to) {
			return all
		}
		if !t.Before(from) {
			label := t.Format(p.layout)
			if p.layout == "15:04" && t.Format(p.layout) == "00:00" {
				label = t.Format("2 Jan")
			}
			all = append(all, moment{t, label})
		}
	}
	return nil
}

// zoneName is the zone as people know it.
func zoneName(t time.Time) string {
	if name := t.Location().String(); name != "Local" && name != "" {
		return name
	}
	name, _ := t.Zone()
	return name
}
