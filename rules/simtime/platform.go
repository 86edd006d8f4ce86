package simtime

import (
	"math"
	"time"
)

// Channel describes one channel of the platform at noon on an average Tuesday.
type Channel struct {
	Name      string
	PerSecond float64 // notifications
	Providers []Provider
	Opens     float64 // per delivery
	// Price of a notification in USD. It keeps a month within the shipped budget.
	Price float64
}

// Provider carries a share of a channel.
type Provider struct {
	Name  string
	Share float64
}

// Channels lists all channels of the platform.
var Channels = []Channel{
	{"email", 20, []Provider{{"sendgrid", 0.3}, {"ses", 0.7}}, 0.25, 0.0001},
	{"push", 30, []Provider{{"apns", 0.5}, {"fcm", 0.5}}, 0.08, 0},
	{"sms", 3, []Provider{{"twilio", 0.8}, {"vonage", 0.2}}, 0, 0.0005},
	{"in_app", 10, []Provider{{"internal", 1}}, 0.4, 0},
	{"webhook", 2, []Provider{{"acme", 0.6}, {"globex", 0.4}}, 0, 0},
	{"chat", 0.5, []Provider{{"slack", 1}}, 0.5, 0},
}

// Busy returns how much the platform sends at a time, as a share of the figures in
// [Channels]. Its users sleep at night, in UTC, and work five days a week.
func Busy(t time.Time) float64 {
	minute := t.Unix() / 60 % int64(len(busy))
	return busy[minute]
}

// busy holds Busy for every minute of a week. It begins on a Thursday, as Unix
// time does. The table makes Busy cheap enough for years of samples.
var busy = func() (week [7 * 24 * 60]float64) {
	for minute := range week {
		t := time.Unix(int64(minute)*60, 0).UTC()
		hour := float64(t.Hour()) + float64(t.Minute())/60
		week[minute] = 0.25 + 0.75*math.Pow(math.Max(0, math.Sin((hour-5)/18*math.Pi)), 1.2)
		switch t.Weekday() {
		case time.Saturday:
			week[minute] *= 0.65
		case time.Sunday:
			week[minute] *= 0.5
		}
	}
	return week
}()
