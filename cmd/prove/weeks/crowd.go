package weeks

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"gonum.org/v1/gonum/stat/distuv"

	"belfry/exporter/catalog"
	"belfry/exporter/zone"
	belfryrules "belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// audience describes the users of a channel, who live by the clocks of their time
// zones.
type audience struct {
	name   string
	crowds []crowd
	// busy returns how much they cause at a local time, as a share of the most.
	busy func(local time.Time) float64
}

// crowd carries a share of an audience.
type crowd struct {
	zone  string
	share float64
}

// at returns how much the audience causes at a time, as a share of the most.
func (a audience) at(t time.Time) float64 {
	sum := 0.0
	for _, c := range a.crowds {
		sum += c.share * a.busy(t.In(zones[c.zone]))
	}
	return sum
}

// zones holds the time zones of all crowds by name.
var zones = func() map[string]*time.Location {
	all := map[string]*time.Location{}
	for _, name := range []string{berlin, newYork, tokyo} {
		location, known := zone.Find(name)
		if !known {
			panic("no time zone " + name)
		}
		all[name] = location
	}
	return all
}()

// Zones. The clocks of Tokyo never change.
const (
	berlin  = "Europe/Berlin"
	newYork = "America/New_York"
	tokyo   = "Asia/Tokyo"
)

// audiences lists who has the channels of a year: all users in one zone, in a zone
// without clock changes, in three zones, and partly in a zone without changes. Each
// has an even day and one with a steep morning and evening.
func audiences() []audience {
	var all []audience
	for _, day := range rhythms {
		all = append(all,
			audience{day.name + " berlin", []crowd{{berlin, 1}}, day.busy},
			audience{day.name + " new york", []crowd{{newYork, 1}}, day.busy},
			audience{day.name + " tokyo", []crowd{{tokyo, 1}}, day.busy},
			audience{day.name + " three zones", []crowd{{berlin, 0.4}, {newYork, 0.4}, {tokyo, 0.2}}, day.busy},
			audience{day.name + " mixed", []crowd{{berlin, 0.8}, {tokyo, 0.2}}, day.busy},
		)
	}
	return all
}

// rhythms lists how busy people are in the course of a day.
var rhythms = []struct {
	name string
	busy func(local time.Time) float64
}{{"even", even}, {"steep", steep}}

// even is [simtime.Busy] by the local clock.
func even(local time.Time) float64 {
	_, offset := local.Zone()
	return simtime.Busy(local.Add(time.Duration(offset) * time.Second))
}

// steep is 0.08 at night, rises to 1 from 5:30 to 8:30, dips at noon, and falls from
// 20:30 to midnight. A morning that comes an hour early is up to five times as busy.
func steep(local time.Time) float64 {
	hour := float64(local.Hour()) + float64(local.Minute())/60
	day := rise(hour, 5.5, 8.5) - 0.25*rise(hour, 12, 14) + 0.25*rise(hour, 16, 19) - rise(hour, 20.5, 24)
	share := 0.08 + 0.92*day
	switch local.Weekday() {
	case time.Saturday:
		return 0.7 * share
	case time.Sunday:
		return 0.6 * share
	}
	return share
}

// rise is 0 before from and 1 after to, and half a cosine between.
func rise(hour, from, to float64) float64 {
	return (1 - math.Cos(min(max((hour-from)/(to-from), 0), 1)*math.Pi)) / 2
}

// traffic draws the notifications that an audience gets on a channel of its own, and
// what the rules record of them.
type traffic struct {
	audience
	sent   simtime.Series
	faults []fault
	random *rand.Rand
	noise  float64
	counts [5]float64 // in the last minutes
	minute int
}

// most sets the notifications per second of an audience's busiest hour.
const most = 60

func newTraffic(a audience, seed uint64, faults ...fault) *traffic {
	return &traffic{
		audience: a, faults: faults, random: rand.New(rand.NewPCG(seed, 1)),
		sent: simtime.Series{Labels: labels.FromStrings(
			model.MetricNameLabel, belfryrules.VolumeSeason.Series.Name,
			expr.Job.Name, belfryrules.Job, catalog.LabelChannel.Name, a.name,
		)},
	}
}

// step draws another minute and returns the rate of the last five.
func (s *traffic) step(t time.Time) float64 {
	s.noise = 0.97*s.noise + 0.012*s.random.NormFloat64() // 5 %, which last for half an hour
	mean := most * 60 * s.at(t) * math.Exp(s.noise)
	for _, f := range s.faults {
		if t.After(f.from) && !t.After(f.to) {
			mean *= f.factor
		}
	}
	count := 0.0
	if mean > 0 {
		count = distuv.Poisson{Lambda: mean, Src: s.random}.Rand()
	}
	s.counts[s.minute%len(s.counts)] = count
	s.minute++
	sum := 0.0
	for _, n := range s.counts {
		sum += n
	}
	return sum / 60 / float64(len(s.counts))
}
