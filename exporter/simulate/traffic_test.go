package simulate

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/truth"
)

// within holds a figure to a range.
func within(t *testing.T, what string, got, low, high float64) {
	t.Helper()
	if !(got >= low && got <= high) {
		t.Errorf("%s is %g, want %g to %g", what, got, low, high)
	}
}

// morning counts the truth of 100,000 events, about a quarter of a day.
var morning = sync.OnceValue(func() *truth.Truth {
	s, err := New(Config{Seed: 7, Events: 100_000})
	if err != nil {
		panic(err)
	}
	return run(s, nil).truth
})

// What holds for any platform: each notification is sent once, nothing is
// delivered more often than sent but for what orphans lack, and the views of
// the same stages add up to the same.
func TestTruthIsConsistent(t *testing.T) {
	counted := morning()
	orphans := counted.Total(catalog.EventsOrphan)
	for i := range channels {
		name := channels[i].name
		sent := counted.Total(catalog.Stages, "sent", name)
		if delivered := counted.Total(catalog.Stages, "delivered", name); delivered > sent+orphans {
			t.Errorf("%s: %g delivered of %g sent", name, delivered, sent)
		}
		if recovered, failed := counted.Total(catalog.Stages, "recovered", name), counted.Total(catalog.Stages,
			"failed", name)+
			counted.Total(catalog.Stages, "bounced_soft", name); recovered > failed+orphans {
			t.Errorf("%s: %g recovered of %g", name, recovered, failed)
		}
	}
	for _, stage := range catalog.LabelStage.Values {
		want := counted.Total(catalog.Stages, stage)
		for _, m := range []catalog.Counter{catalog.TemplateStages, catalog.AudienceStages} {
			if got := counted.Total(m, stage); got != want {
				t.Errorf("%s counts %g notifications %s, the stages %g", m.Name, got, stage, want)
			}
		}
		for _, m := range []catalog.Counter{catalog.CampaignStages, catalog.ExperimentStages} {
			if got := counted.Total(m, stage); got > want {
				t.Errorf("%s counts %g notifications %s, the stages %g", m.Name, got, stage, want)
			}
		}
	}
	failures := counted.Total(catalog.Events, "failed") + counted.Total(catalog.Events, "bounced")
	if got := counted.Total(catalog.Errors); got != failures {
		t.Errorf("%g errors, but %g events of failure", got, failures)
	}
	if got := counted.Total(catalog.Events) + counted.Total(catalog.EventsDuplicate); got != float64(counted.Events) {
		t.Errorf("%g events and duplicates of %d messages", got, counted.Events)
	}
	if got, want := counted.Total(catalog.DeliveryLatency), counted.Total(catalog.Stages, "delivered"); got > want {
		t.Errorf("%g latencies of %g deliveries", got, want)
	}
}

func TestTrafficIsPlausible(t *testing.T) {
	counted := morning()
	sent := counted.Total(catalog.Stages, "sent")
	for i := range channels {
		c := &channels[i]
		sentBy := counted.Total(catalog.Stages, "sent", c.name)
		within(t, "share of "+c.name, sentBy/sent, c.share*0.6, c.share*1.4)
		within(t, "delivered of "+c.name, counted.Total(catalog.Stages, "delivered", c.name)/sentBy, 0.96, 1)
	}
	delivered := counted.Total(catalog.Stages, "delivered", "email")
	within(t, "email opened by people", counted.Total(catalog.Stages, "opened", "email")/delivered, 0.15, 0.30)
	within(t, "email opened by machines", counted.Total(catalog.Stages, "machine_opened", "email")/delivered,
		0.28, 0.36)
	within(t, "email bounced hard", counted.Total(catalog.Stages, "bounced_hard", "email")/delivered, 0.004, 0.012)
	failed := counted.Total(catalog.SLOStages, "failed") + counted.Total(catalog.SLOStages, "bounced")
	recovered := counted.Total(catalog.SLOStages, "recovered")
	within(t, "recovered of failed", recovered/failed, 0.2, 0.6)

	faulty := failed - recovered
	for _, stage := range []string{"failed", "bounced"} {
		faulty -= counted.Total(catalog.SLOStages, stage, catalog.FaultRecipient)
	}
	faulty += counted.Total(catalog.SLOStages, "recovered", catalog.FaultRecipient)
	within(t, "errors that are not the recipient's", faulty/sent, 0, 0.005)
	within(t, "templates", counted.Total(catalog.TemplateInfo), 60, 60)
	within(t, "money spent", counted.Total(catalog.Cost), 20, 200)
}

// Everything that makes counting hard happens within the size of a test run.
func TestTroubleHappens(t *testing.T) {
	counted := morning()
	for _, c := range []catalog.Counter{
		catalog.EventsDuplicate, catalog.EventsOrphan, catalog.EventsOutOfOrder, catalog.EventsClockSkew,
	} {
		within(t, c.Name, counted.Total(c), 100, 3000)
	}
	for _, field := range catalog.LabelField.Values {
		within(t, "conflicts on "+field, counted.Total(catalog.ContextConflicts, field), 1, 200)
	}
	for _, stage := range catalog.LabelStage.Values {
		within(t, "notifications that reached "+stage, counted.Total(catalog.Stages, stage), 1, 200_000)
	}
	for _, reason := range catalog.SuppressionReasons {
		within(t, "suppressed by "+reason, counted.Total(catalog.Suppressed, reason), 1, 20_000)
	}
	for e := range catalog.EventType(catalog.NumEventTypes) {
		if e != catalog.EventForget { // a person's request, not an event of a platform
			within(t, "events "+e.String(), counted.Total(catalog.Events, e.String()), 1, 200_000)
		}
	}
}

// Recipients of a campaign's mails share the ids of notifications, no user twice.
func TestMailsOfACampaignShareTheirIds(t *testing.T) {
	recipients := map[string][]string{}
	c := Config{Seed: 3, Start: busyHour, Users: 300, Duration: 10 * time.Minute, PerMinute: 500}
	play(t, c, func(s *Simulator, m *Message) {
		if e := &s.event; e.Type == catalog.EventSent && !m.Duplicate {
			recipients[e.NotificationID] = append(recipients[e.NotificationID], e.UserID)
		}
	})
	shared := 0.0
	for id, users := range recipients {
		slices.Sort(users)
		if one := slices.Compact(slices.Clone(users)); len(one) != len(users) || len(users) > maxRecipients {
			t.Errorf("%s was sent to %v", id, users)
		}
		if len(users) > 1 {
			shared++
		}
	}
	within(t, "shared ids", shared, 20, 500)
}

func TestLongRunsHaveLateEventsAndLateDuplicates(t *testing.T) {
	first := map[string]time.Time{}
	var longest time.Duration
	s := playLong(t, Config{Seed: 5, Duration: 9 * 24 * time.Hour, PerMinute: 1}, func(_ *Simulator, m *Message) {
		if !m.Duplicate {
			first[m.EventID] = m.ReceivedAt
			return
		}
		longest = max(longest, m.ReceivedAt.Sub(first[m.EventID]))
	})
	within(t, "late events", s.truth.Total(catalog.EventsLate), 1, 100)
	within(t, "hours to the latest duplicate", longest.Hours(), 20, 29)
}

func TestPeopleSleepAndRestOnSundays(t *testing.T) {
	var byHour [24]float64
	var byDay [7]float64
	const perMinute = 1.5
	s := playLong(t, Config{Seed: 4, Duration: 7 * 24 * time.Hour, PerMinute: perMinute},
		func(s *Simulator, m *Message) {
			if m.Type != catalog.EventSent && m.Type != catalog.EventSuppressed {
				return
			}
			if l := zones[slices.IndexFunc(zones,
				func(z zone) bool { return z.name == s.event.Timezone })]; l.country == "DE" {
				byHour[m.ReceivedAt.Add(l.offset).Hour()]++
			}
			byDay[int(m.ReceivedAt.Weekday()+6)%7]++
		})
	if night, evening := byHour[2]+byHour[3], byHour[18]+byHour[19]; night*4 > evening {
		t.Errorf("in Germany %g are sent at night and %g in the evening", night, evening)
	}
	if byDay[6] > 0.9*byDay[1] {
		t.Errorf("%g are sent on Sunday and %g on Tuesday", byDay[6], byDay[1])
	}
	week := s.truth.Total(catalog.Stages, "sent") + s.truth.Total(catalog.Stages, "suppressed")
	within(t, "notifications a minute", week/(7*24*60), perMinute*0.95, perMinute*1.05)
}

// Hardly anything is sent after the first day, which is followed for two more,
// so that the slow openers are among them.
func TestArmsHaveTheirEffects(t *testing.T) {
	arm := map[string]string{}                 // by notification
	reached := map[string]map[string]float64{} // by arm and event
	seen := map[string]bool{}
	playLong(t, Config{Seed: 5, Duration: 72 * time.Hour, PerMinute: 25}, func(s *Simulator, m *Message) {
		e := &s.event
		if m.ReceivedAt.After(DefaultStart.Add(24 * time.Hour)) {
			s.config.PerMinute = 0.001
		} else if e.Type == catalog.EventSent && e.Experiment != "" {
			arm[e.NotificationID+e.UserID] = e.Experiment + " " + e.Variant
		}
		id := e.NotificationID + e.UserID
		of, first := arm[id], !seen[id+m.Type.String()]
		if of == "" || e.Machine || !first {
			return
		}
		seen[id+m.Type.String()] = true
		if reached[of] == nil {
			reached[of] = map[string]float64{}
		}
		reached[of][m.Type.String()]++
	})
	for _, x := range runningExperiments {
		for _, a := range x.Arms {
			name := x.ID + " " + a.Name
			r := reached[name]
			if a.Open > 0 {
				chance(t, name+" opened of delivered", r["opened"], r["delivered"], a.Open)
			}
			if a.Click > 0 {
				chance(t, name+" clicked of opened", r["clicked"], r["opened"], a.Click)
			}
			if a.OptOut > 0 {
				named := a.OptOut * namedOptOuts
				chance(t, name+" opted out of delivered", r["preference_changed"], r["delivered"], named)
			}
		}
	}
}

// chance holds a share of n to a probability, within 3.5 standard errors.
func chance(t *testing.T, what string, of, n, p float64) {
	t.Helper()
	if n < 120 {
		t.Errorf("%s: only %g of them", what, n)
	}
	tolerance := 3.5 * math.Sqrt(p*(1-p)/n)
	within(t, what, of/n, p-tolerance, p+tolerance)
}

// A user stays in an arm, but for the few who are seen in several.
func TestAssignmentIsStable(t *testing.T) {
	arms := map[[2]string]map[string]bool{}
	play(t, Config{Seed: 5, Events: 50_000, Users: 1500}, func(s *Simulator, m *Message) {
		if e := &s.event; m.Type == catalog.EventSent && e.Experiment != "" {
			unit := [2]string{e.Experiment, e.UserID}
			if arms[unit] == nil {
				arms[unit] = map[string]bool{}
			}
			arms[unit][e.Variant] = true
		}
	})
	crossed := 0
	for _, seen := range arms {
		if len(seen) > 1 {
			crossed++
		}
	}
	within(t, "share of users in several arms", float64(crossed)/float64(len(arms)), 0.0005, 0.008)
}

// A later test searches everything that Belfry writes for what is personal. It
// proves something only if events hold it.
func TestEventsHoldWhatMustNotSurface(t *testing.T) {
	all := lines(t, Config{Seed: 1, Events: 5000})
	for what, pattern := range map[string]string{
		"user id":                     `"userId":"usr_[0-9a-f]{16}"`,
		"address in an error text":    `"errorMessage":"[^"]*<[a-z.0-9]+@[a-z.]*example[a-z.]*>"`,
		"address in a link":           `"target":"https://[^"]*@`,
		"session":                     `"sessionId":"ses_[0-9a-f]{16}"`,
		"device token":                `"deviceToken":"[0-9a-f]{64}"`,
		"place":                       `"userLocation":\{"country":"[A-Z]{2}","city":"`,
		"event with an envelope only": `"userId":"usr_[0-9a-f]{16}"\}` + "\n",
		"other spelling of a channel": `"channel":"in-app"`,
		"joined experiment":           `"experimentVariant":"exp_cta:`,
		"flat form":                   `"provider":"fcm","status":"delivered"`,
		"nested form":                 `"delivery":\{"status":"delivered"`,
		"metadata of null":            `"metadata":null`,
		"whole seconds":               `"timestamp":"[-0-9]+T[:0-9]+Z"`,
		"time with an offset":         `"timestamp":"[^"]*\+05:30"`,
	} {
		if !regexp.MustCompile(pattern).Match(all) {
			t.Errorf("no event has: %s", what)
		}
	}
	if bytes.Contains(all, []byte("NaN")) {
		t.Error("NaN")
	}
}

// What users did before an experiment predicts what they do in it, so that a test
// can use it to measure more precisely.
func TestEngagementPredictsEngagement(t *testing.T) {
	const before, during = 10 * 24 * time.Hour, 5 * 24 * time.Hour
	from := DefaultStart.Add(before)
	type history struct {
		days         map[int64]bool // on which the user engaged before
		sent, opened float64        // in the experiment
	}
	people := map[string]*history{}
	of := func(user string) *history {
		if people[user] == nil {
			people[user] = &history{days: map[int64]bool{}}
		}
		return people[user]
	}
	entered, opened := map[string]bool{}, map[string]bool{}
	c := Config{Seed: 6, Duration: before + during, ExperimentsAfter: before, PerMinute: 5, Users: 2000}
	playLong(t, c, func(s *Simulator, m *Message) {
		e := &s.event
		id := e.NotificationID + e.UserID
		engages := !e.Machine && (e.Type == catalog.EventOpened || e.Type == catalog.EventClicked)
		switch {
		case e.Type == catalog.EventSent && e.Experiment != "" && m.ReceivedAt.Before(from):
			t.Fatalf("%s takes part in %s before it begins", e.UserID, e.Experiment)
		case e.Type == catalog.EventSent && e.Experiment == "exp_subject" && !entered[id]:
			entered[id] = true
			of(e.UserID).sent++
		case engages && m.ReceivedAt.Before(from):
			of(e.UserID).days[m.ReceivedAt.Unix()/86400] = true
		case engages && entered[id] && !opened[id]:
			opened[id] = true
			of(e.UserID).opened++
		}
	})
	var r correlation
	for _, h := range people {
		if h.sent > 0 {
			r.add(float64(len(h.days)), h.opened)
		}
	}
	// It is 0.48 over many users, and varies by 0.025 between as few as these.
	within(t, "correlation of days engaged before with opens", r.value(), 0.4, 0.56)
}

// correlation adds up what Pearson's coefficient is computed from.
type correlation struct{ n, x, xx, y, yy, xy float64 }

func (r *correlation) add(x, y float64) {
	r.n++
	r.x, r.xx, r.y, r.yy, r.xy = r.x+x, r.xx+x*x, r.y+y, r.yy+y*y, r.xy+x*y
}

func (r *correlation) value() float64 {
	return (r.n*r.xy - r.x*r.y) / math.Sqrt((r.n*r.xx-r.x*r.x)*(r.n*r.yy-r.y*r.y))
}
