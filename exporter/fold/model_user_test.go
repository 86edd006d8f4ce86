package fold_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"belfry/exporter/catalog"
)

// person is one user from when it is first heard of until it is forgotten. All
// times are nanoseconds since 1970, 0 for never.
type person struct {
	heard, first, forgotten int64
	engaged, sends          []int64
	variants                []arm  // as they were seen
	deeds                   []deed // of the notifications of experiments
}

type arm struct{ experiment, variant string }

// deed is a stage that a notification reached, or what a conversion was worth.
type deed struct {
	experiment, stage string
	value             float64
}

// hear finds the person with a pseudonym. One that was not heard of for 400 days
// is somebody new.
func (m *model) hear(pseudonym string) *person {
	who := m.people[pseudonym]
	if who != nil && !m.current(who) {
		m.gone = append(m.gone, who)
		who = nil
	}
	if who == nil {
		who = &person{}
		m.people[pseudonym] = who
	}
	who.heard = m.now
	return who
}

func (m *model) current(who *person) bool {
	return month(who.heard) >= month(m.now-int64(400*24*time.Hour))
}

// meet lets a person do what the event in the window tells; nil if nobody may
// be remembered for it.
func (m *model) meet(e *told) *person {
	experiment := e.at[catalog.LabelExperiment]
	if e.Type != catalog.EventSent && !e.engages() && experiment == "" {
		return nil
	}
	mac := hmac.New(sha256.New, []byte(m.userKey))
	mac.Write([]byte(e.UserID))
	who := m.hear(hex.EncodeToString(mac.Sum(nil))[:32])
	if e.Time <= who.forgotten {
		return nil
	}
	if who.first == 0 {
		who.first = m.now
	}
	if e.engages() {
		who.engaged = append(who.engaged, min(e.Time, m.now))
	}
	if experiment != "" {
		who.variants = append(who.variants, arm{experiment, either(e.at[catalog.LabelVariant], catalog.Unknown)})
		if e.Type == catalog.EventConverted && e.Value.Currency != "" {
			who.deeds = append(who.deeds, deed{experiment: experiment, stage: "value", value: e.Value.Amount})
		}
	}
	return who
}

func (m *model) forget(e *told) {
	pseudonym := hex.EncodeToString(e.UserHash[:])
	who := m.hear(pseudonym)
	m.gone = append(m.gone, who)
	m.people[pseudonym] = &person{heard: m.now, forgotten: max(who.forgotten, e.Time)}
}

// situate follows the first sent event: it fixes the notification's hour and
// frequency class, and books there what it had reached before.
func (m *model) situate(n *story, e *told, who *person) {
	if n.sent() != e {
		return
	}
	recent := 0
	if who != nil {
		for _, sent := range who.sends {
			if sent >= e.sentAt()-int64(7*24*time.Hour) {
				recent++
			}
		}
		who.sends = append(who.sends, e.sentAt())
	}
	n.recent, n.local = recentClass(recent), localTime(e)
	for stage := range reached(n.events) {
		m.foldSituated(n, stage, e.at[catalog.LabelChannel])
	}
}

func recentClass(n int) string {
	switch {
	case n == 0:
		return "0"
	case n < 3:
		return "1-2"
	case n < 6:
		return "3-5"
	case n < 11:
		return "6-10"
	}
	return "11+"
}

func localTime(e *told) time.Time {
	t := time.Unix(0, e.sentAt()).UTC()
	if zone, err := time.LoadLocation(e.Timezone); err == nil {
		return t.In(zone)
	}
	return t
}

// foldSituated counts a stage under the notification's hour and frequency class.
func (m *model) foldSituated(n *story, stage catalog.Stage, channel string) {
	m.add(catalog.FrequencyStages, 1, stage.String(), channel, n.recent)
	switch stage {
	case catalog.StageSent, catalog.StageDelivered, catalog.StageEngaged, catalog.StageConverted:
		weekday := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[n.local.Weekday()]
		m.add(catalog.SendHourStages, 1, stage.String(), channel, strconv.Itoa(n.local.Hour()), weekday)
	}
}

// experiments sums up what everybody ever did in experiments.
func (m *model) experiments() {
	for _, who := range m.everybody() {
		arms := map[string][]string{} // experiment to variants
		for _, a := range who.variants {
			if !slices.Contains(arms[a.experiment], a.variant) {
				arms[a.experiment] = append(arms[a.experiment], a.variant)
			}
		}
		for experiment, variants := range arms {
			m.moments(who, experiment, variants[0])
			if len(variants) > 1 {
				m.add(catalog.ExperimentCrossovers, 1, experiment)
			}
		}
	}
}

func (m *model) everybody() []*person {
	all := slices.Clone(m.gone)
	for _, who := range m.people {
		all = append(all, who)
	}
	return all
}

// moments adds one person's part to an arm.
func (m *model) moments(who *person, experiment, variant string) {
	stages := map[string]float64{}
	for _, d := range who.deeds {
		if d.experiment != experiment {
			continue
		}
		if d.stage == "value" {
			stages["value"] += d.value
			continue
		}
		stages[d.stage]++
	}
	for stage := range stages {
		if stage != "value" {
			m.add(catalog.ExperimentUsers, 1, stage, experiment, variant)
		}
	}
	x := stages["sent"]
	for outcome, y := range map[string]float64{
		"open": stages["opened"], "click": stages["clicked"], "conversion": stages["converted"],
		"opt_out": stages["opted_out"], "value": stages["value"],
	} {
		for moment, sum := range map[string]float64{"n": 1, "x": x, "xx": x * x, "y": y, "yy": y * y, "xy": x * y} {
			m.add(catalog.ExperimentMoments, sum, experiment, variant, outcome, moment)
		}
	}
}

// population counts users by segment and by how lately they engaged.
func (m *model) population() {
	for _, segment := range catalog.LabelSegment.Values {
		m.set(catalog.Users, 0, segment)
	}
	for _, window := range catalog.LabelWindow.Values {
		m.set(catalog.ActiveUsers, 0, window)
	}
	for _, who := range m.people {
		if who.first == 0 || !m.current(who) {
			continue
		}
		hours := m.hoursSince(who.engaged)
		segment := "dormant"
		switch {
		case m.hoursSince([]int64{who.first}) < 7*24:
			segment = "new"
		case hours < 30*24:
			segment = "active"
		case hours < 90*24:
			segment = "at_risk"
		}
		m.increase(catalog.Users, segment)
		for window, limit := range map[string]int64{"1d": 24, "7d": 7 * 24, "30d": 30 * 24} {
			if hours < limit {
				m.increase(catalog.ActiveUsers, window)
			}
		}
	}
}

// hoursSince is how many hours of the clock lie between the latest of some times
// and now.
func (m *model) hoursSince(times []int64) int64 {
	if len(times) == 0 {
		return 1 << 40
	}
	return m.now/int64(time.Hour) - slices.Max(times)/int64(time.Hour)
}
