package backfill

import (
	"time"

	"belfry/exporter/simulate"
)

// Detail says how closely a platform was watched.
type Detail int

const (
	// Quick finds data for nearly every panel.
	Quick Detail = iota
	// Full has six hours without gaps, for pictures. It takes minutes.
	Full
)

// Watched returns the replay of a platform that is eight days old. Of the first
// days it was watched only when rules look back to it, then during the last 26
// hours, and more closely in the last. A provider fails ten minutes before the end, and a
// dead-letter queue grows for two hours.
func Watched(now time.Time, d Detail) Replay {
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const start = 8*day + 30*time.Minute
	const twice, tile = 150 * time.Second, 5 * time.Minute // two scrapes in every window of five minutes
	r := Replay{
		Traffic: simulate.Config{
			Seed: 7, PerMinute: 10, Users: 1500,
			Incidents: []simulate.Incident{
				{Name: "provider-outage", At: start - 10*time.Minute, For: time.Hour, Provider: "ses"},
				{Name: "dlq-growth", At: start - 2*time.Hour},
			},
		},
		Stretches: []Stretch{
			{From: ago(start), To: ago(8*day - time.Minute), Scrape: twice, Record: 3 * tile},
			{From: ago(7*day + 15*time.Minute), To: ago(7*day - 10*time.Minute), Scrape: twice, Record: twice},
			{From: ago(day + 2*time.Hour), To: ago(70 * time.Minute), Scrape: twice, Record: 2 * time.Hour},
			// Forecasts ask for half of the window that they follow a trend through.
			{From: ago(70 * time.Minute), To: ago(10 * time.Minute), Scrape: twice, Record: 2 * tile},
			{From: ago(10 * time.Minute), To: now.Add(time.Second), Scrape: scrape, Record: 3 * scrape},
		},
	}
	if d == Full {
		r.Traffic.PerMinute, r.Traffic.Users = 60, 8_000
		r.Stretches = append(r.Stretches[:2],
			Stretch{From: ago(day + 2*time.Hour), To: ago(7 * time.Hour), Scrape: twice, Record: 30 * time.Minute},
			Stretch{From: ago(7 * time.Hour), To: ago(time.Hour), Scrape: 3 * scrape, Record: tile},
			Stretch{From: ago(time.Hour), To: now.Add(time.Second), Scrape: scrape, Record: 3 * scrape},
		)
	}
	return r
}
