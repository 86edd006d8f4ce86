package simulate

import "time"

// hourly holds the relative volume of each hour of a user's day, and daily that of each
// day of the week from Monday.
var (
	hourly = [24]float64{
		0.18, 0.10, 0.07, 0.06, 0.08, 0.20, 0.55, 1.10, 1.55, 1.70, 1.65, 1.50,
		1.45, 1.35, 1.30, 1.30, 1.40, 1.60, 1.85, 1.80, 1.50, 1.10, 0.70, 0.38,
	}
	daily = [7]float64{1.06, 1.12, 1.10, 1.08, 1.04, 0.82, 0.78}
)

// The rhythm and the campaigns stay constant for a slot.
const slot = 5 * time.Minute

// rhythm holds how much is sent at a time, and to which time zones.
type rhythm struct {
	start, end int64 // the slot that the rest is computed for
	// level is the volume without campaigns. Its mean over a week is 1.
	level float64
	// byZone holds the cumulative share of each zone in level.
	byZone []float64
	// running lists the campaigns of the slot.
	running []campaignRun
}

// volume returns level and campaigns together, relative to the average.
func (r *rhythm) volume() float64 {
	total := (1 - scheduledShare) * r.level
	for i := range r.running {
		total += r.running[i].volume
	}
	return total
}

// moveTo computes the slot that t, in nanoseconds since 1970, falls into.
func (r *rhythm) moveTo(t int64, seed uint64) {
	if r.start <= t && t < r.end {
		return
	}
	r.start = t - t%int64(slot)
	r.end = r.start + int64(slot)
	r.level = 0
	r.byZone = r.byZone[:0]
	for i := range zones {
		r.level += zones[i].share / zoneShares * localVolume(r.start, zones[i].offset)
		r.byZone = append(r.byZone, r.level)
	}
	r.running = appendCampaigns(r.running[:0], r.start, seed)
}

// zone chooses the time zone of the next notification: more where people are awake.
func (r *rhythm) zone(d *dice) int {
	u := d.Float64() * r.level
	for i, upTo := range r.byZone {
		if u < upTo {
			return i
		}
	}
	return len(r.byZone) - 1
}

// campaign chooses the campaign of the next notification, nil for none.
func (r *rhythm) campaign(d *dice) *campaignRun {
	u := d.Float64()*r.volume() - (1-scheduledShare)*r.level
	for i := range r.running {
		b := &r.running[i]
		if u >= 0 && u < b.volume {
			return b
		}
		u -= b.volume
	}
	return nil
}

// localVolume returns the relative volume at t for users whose clocks are ahead of UTC
// by offset, interpolated between full hours. Its mean over a week is 1.
func localVolume(t int64, offset time.Duration) float64 {
	hours := float64(t+int64(offset)) / float64(time.Hour)
	whole := int64(hours)
	between := hours - float64(whole)
	return (atHour(whole)*(1-between) + atHour(whole+1)*between) / meanHour
}

// atHour returns the relative volume of the hour since 1970, which began on a Thursday.
func atHour(hour int64) float64 { return hourly[hour%24] * daily[(hour/24+3)%7] }

var meanHour, zoneShares = func() (hour, shares float64) {
	for h := range int64(7 * 24) {
		hour += atHour(h) / (7 * 24)
	}
	for i := range zones {
		shares += zones[i].share
	}
	return hour, shares
}()
