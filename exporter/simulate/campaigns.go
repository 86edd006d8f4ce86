package simulate

import (
	"fmt"
	"time"
)

const (
	// A day has this many scheduled campaigns, each with this share of an average
	// day's volume. They add to what is sent otherwise.
	campaignsPerDay = 4
	campaignShare   = 0.04
	scheduledShare  = campaignsPerDay * campaignShare
	// Campaign ids repeat after this many days, to stay within the catalogue's limit
	// for the label.
	campaignDays = 60
	// This share of other marketing belongs to a campaign that always runs.
	evergreenShare = 0.35
)

var evergreens = []string{"cmp_welcome", "cmp_cart_reminder", "cmp_win_back"}

// campaignRun describes a campaign while it runs.
type campaignRun struct {
	id                string
	channel, template int
	// volume is added to the rhythm.
	volume float64
}

// appendCampaigns appends the campaigns that run in the slot that begins at t.
func appendCampaigns(running []campaignRun, t int64, seed uint64) []campaignRun {
	day := t / int64(24*time.Hour)
	for n := range int64(campaignsPerDay) {
		h := mix(seed, uint64(day*campaignsPerDay+n))
		begins := day*int64(24*time.Hour) + int64(7*time.Hour) + int64(h%144)*int64(slot)
		slots := 4 + h>>16%12
		if t < begins || t >= begins+int64(slots)*int64(slot) {
			continue
		}
		channel := weighted(len(channels), func(i int) float64 { return channels[i].campaigns }, share(mix(h, 1)))
		marketing := offers[channel].marketing
		running = append(running, campaignRun{
			id:       fmt.Sprintf("cmp_%02d%c", day%campaignDays, 'a'+rune(n)),
			channel:  channel,
			template: marketing[mix(h, 2)%uint64(len(marketing))],
			volume:   campaignShare * float64(24*time.Hour/slot) / float64(slots),
		})
	}
	return running
}
