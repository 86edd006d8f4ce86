package simulate

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/truth"
)

// happening pairs an event of a notification with its sent event, which is the zero value
// before it comes.
type happening struct {
	*event.Event
	sent *event.Event
}

// At busyHour it is noon in Europe, so that minutes of an incident hold enough events.
var busyHour = DefaultStart.Add(13 * time.Hour)

// The incidents of these tests begin after 3 minutes and last for 3.
const (
	incidentAt  = 3 * time.Minute
	incidentFor = 3 * time.Minute
)

// during plays 9 minutes with an incident and shows each event, without
// duplicates, with its time relative to the incident: before 0, during it, or
// from incidentFor on.
func during(t *testing.T, in Incident, see func(h happening, since time.Duration)) *truth.Truth {
	t.Helper()
	in.At, in.For = incidentAt, incidentFor
	sent := map[string]*event.Event{}
	c := Config{Seed: 8, Start: busyHour, PerMinute: 500, Duration: 9 * time.Minute, Incidents: []Incident{in}}
	return play(t, c, func(s *Simulator, m *Message) {
		if m.Duplicate {
			return
		}
		e := &s.event
		if e.Type == catalog.EventSent {
			kept := *e
			sent[e.NotificationID+e.UserID] = &kept
		}
		h := happening{e, cmp.Or(sent[e.NotificationID+e.UserID], &event.Event{})}
		see(h, time.Unix(0, e.Time).Sub(busyHour)-incidentAt)
	}).truth
}

// tally counts events before, during and after the incident. A second around
// its edges is left out, as producers' clocks are not exact.
type tally struct{ before, during, after float64 }

func (n *tally) add(since time.Duration, by float64) {
	const edge = time.Second
	switch {
	case since < -edge:
		n.before += by
	case since > edge && since < incidentFor-edge:
		n.during += by
	case since > incidentFor+edge:
		n.after += by
	}
}

func TestProviderOutage(t *testing.T) {
	var delivered, refused, othersDelivered tally
	during(t, Incident{Name: providerOutage, Provider: "ses", Code: "XYZ"}, func(h happening, since time.Duration) {
		switch {
		case h.Type == catalog.EventDelivered && h.Provider == "ses":
			delivered.add(since, 1)
		case h.Type == catalog.EventDelivered && h.Provider == "sendgrid":
			othersDelivered.add(since, 1)
		case h.ErrorCode == "XYZ" && h.Provider != "ses":
			t.Errorf("%s fails with the code of the outage", h.Provider)
		case h.ErrorCode == "XYZ":
			refused.add(since, 1)
		}
	})
	if delivered.during != 0 || delivered.before < 100 || delivered.after < 100 {
		t.Errorf("ses delivers %+v", delivered)
	}
	if refused.before != 0 || refused.during < 150 || refused.after != 0 {
		t.Errorf("ses refuses %+v", refused)
	}
	within(t, "deliveries of sendgrid, which takes over, against before",
		othersDelivered.during/othersDelivered.before, 1.3, 5)
}

func TestChannelDown(t *testing.T) {
	var sent, delivered, failed, others tally
	during(t, Incident{Name: channelDown, Channel: "push"}, func(h happening, since time.Duration) {
		switch on := h.sent.Channel == "push"; {
		case on && h.Type == catalog.EventSent:
			sent.add(since, 1)
		case on && h.Type == catalog.EventDelivered:
			delivered.add(since, 1)
		case on && h.Type == catalog.EventFailed && h.ErrorCode == "channel_lost":
			failed.add(since, 1)
		case h.Type == catalog.EventDelivered:
			others.add(since, 1)
		}
	})
	if delivered.during != 0 || delivered.before < 100 || delivered.after < 100 {
		t.Errorf("push delivers %+v", delivered)
	}
	if failed.before != 0 || failed.during < 300 || failed.after != 0 {
		t.Errorf("push fails %+v", failed)
	}
	within(t, "sent on push against before", sent.during/sent.before, 0.8, 1.25)
	within(t, "delivered elsewhere against before", others.during/others.before, 0.8, 1.25)
}

func TestLatency(t *testing.T) {
	var before, slow, after = map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
	during(t, Incident{Name: latency, Factor: 30, Channel: "in_app"}, func(h happening, since time.Duration) {
		if h.Type != catalog.EventDelivered || h.sent.ID == "" {
			return
		}
		took := time.Duration(h.Time - h.sent.Time)
		when := before
		switch began := since - took; {
		case began > incidentFor:
			when = after
		case began > 0:
			when = slow
		}
		when[h.sent.Channel] = append(when[h.sent.Channel], took.Seconds())
	})
	median := func(of map[string][]float64, channel string) float64 {
		slices.Sort(of[channel])
		return of[channel][len(of[channel])/2]
	}
	within(t, "in-app latency against before", median(slow, "in_app")/median(before, "in_app"), 25, 35)
	within(t, "in-app latency afterwards", median(after, "in_app")/median(before, "in_app"), 0.8, 1.25)
	within(t, "sms latency against before", median(slow, "sms")/median(before, "sms"), 0.75, 1.3)
}

func TestSlowProcessing(t *testing.T) {
	var before, slow, elsewhere []float64
	during(t, Incident{Name: slowProcessing, Factor: 500, Channel: "in_app"}, func(h happening, since time.Duration) {
		took := h.Steps[catalog.StepProcess]
		switch {
		case h.Type != catalog.EventSent || !took.Known:
		case h.Channel != "in_app":
			elsewhere = append(elsewhere, took.Value)
		case since > 0 && since < incidentFor:
			slow = append(slow, took.Value)
		case since < 0:
			before = append(before, took.Value)
		}
	})
	median := func(of []float64) float64 { slices.Sort(of); return of[len(of)/2] }
	within(t, "in-app processing against before", median(slow)/median(before), 350, 650)
	within(t, "processing elsewhere, in seconds", median(elsewhere), 0.0001, 0.2)
}

func TestHalving(t *testing.T) {
	var sms, others tally
	during(t, Incident{Name: halving, Channel: "sms"}, func(h happening, since time.Duration) {
		switch {
		case h.Type == catalog.EventSent && h.Channel == "sms":
			sms.add(since, 1)
		case h.Type == catalog.EventSent:
			others.add(since, 1)
		}
	})
	within(t, "sms against before", sms.during/sms.before, 0.4, 0.62)
	within(t, "sms afterwards", sms.after/sms.before, 0.8, 1.25)
	within(t, "others against before", others.during/others.before, 0.9, 1.15)
}

func TestBounceSurge(t *testing.T) {
	var bounced, attempts tally
	during(t, Incident{Name: bounceSurge, Rate: 0.3}, func(h happening, since time.Duration) {
		hard := h.BounceType == "hard"
		if hard && h.sent.ID != "" && h.sent.Channel != "email" {
			t.Errorf("%s bounces", h.sent.Channel)
		}
		if h.sent.Channel == "email" && (h.Type == catalog.EventDelivered || hard) {
			attempts.add(since, 1)
		}
		if hard {
			bounced.add(since, 1)
		}
	})
	within(t, "hard bounces before", bounced.before/attempts.before, 0, 0.02)
	within(t, "hard bounces", bounced.during/attempts.during, 0.26, 0.34)
	within(t, "hard bounces afterwards", bounced.after/attempts.after, 0, 0.02)
}

func TestDLQGrowth(t *testing.T) {
	var peak, emailDead, others float64
	counted := during(t, Incident{Name: dlqGrowth, Rate: 400}, func(h happening, _ time.Duration) {
		for _, q := range h.System.Queues {
			if q.Name == "email" {
				peak = max(peak, q.Messages.Value)
			} else {
				others = max(others, q.Messages.Value)
			}
		}
		for _, q := range h.System.DeadLetters {
			if q.Name == "email" {
				emailDead = max(emailDead, q.Messages.Value)
			}
		}
	})
	within(t, "messages in the queue at most", peak, 1000, 1300)
	within(t, "messages in other queues at most", others, 1, 100)
	within(t, "dead letters at most", emailDead, 100, 130)
	within(t, "messages at the end", counted.Total(catalog.QueueMessages, "email"), 0, 100)
	within(t, "dead letters at the end", counted.Total(catalog.DeadLetters, "email"), 100, 130)
}

func TestOptOutSpike(t *testing.T) {
	var email, others tally
	during(t, Incident{Name: optOutSpike, Factor: 100, Channel: "email"}, func(h happening, since time.Duration) {
		if h.Type != catalog.EventPreferenceChanged || h.NotificationID == "" {
			return
		}
		if h.Channel == "email" {
			email.add(since, 1)
		} else {
			others.add(since, 1)
		}
	})
	if email.during < 12*max(1, email.before) || others.during > 3 {
		t.Errorf("opt-outs on email %+v, on others %+v", email, others)
	}
}

func TestSampleRatioMismatch(t *testing.T) {
	users := map[string]map[string]bool{}
	count := func(h happening, since time.Duration) {
		if since < 0 || since > incidentFor || h.Type != catalog.EventSent || h.Experiment == "" {
			return
		}
		arm := h.Experiment + " " + h.Variant
		if users[arm] == nil {
			users[arm] = map[string]bool{}
		}
		users[arm][h.UserID] = true
	}
	during(t, Incident{Name: srm, Rate: 0.4}, count)
	ratio := func(arm, to string) float64 { return float64(len(users[arm])) / float64(len(users[to])) }
	within(t, "users of b against control", ratio("exp_subject b", "exp_subject control"), 0.45, 0.75)
	within(t, "users of green against control", ratio("exp_cta green", "exp_cta control"), 0.7, 1.5)
}

func TestParseIncident(t *testing.T) {
	got, err := ParseIncident("provider-outage,at=2m,for=1h30m,provider=ses,code=XYZ")
	want := Incident{Name: providerOutage, At: 2 * time.Minute, For: 90 * time.Minute, Provider: "ses", Code: "XYZ"}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	got, err = ParseIncident("latency")
	if want := (Incident{Name: latency, Factor: 20}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestParseIncidentSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"flood": "choose one of provider-outage, channel-down, latency, slow-processing, halving, bounce-surge, " +
			"dlq-growth, opt-out-spike, srm",
		"":                           "choose one of",
		"halving,provider=ses":       "choose one of at, for, factor, channel",
		"halving,factor":             `"factor": expected parameter=value`,
		"halving,":                   `"": expected parameter=value`,
		"halving,factor=2":           "expected 0 to 1",
		"halving,factor=-1":          "above 0",
		"halving,factor=0":           "above 0",
		"halving,factor=NaN":         "above 0",
		"halving,at=soon":            "at=soon",
		"halving,at=-2m":             "at=-2m",
		"bounce-surge,rate=2":        "expected a probability",
		"provider-outage,provider=x": "choose one of ses, sendgrid",
		"channel-down,channel=fax":   "choose one of email, push",
		"dlq-growth,queue=x":         "choose one of email, push",
		"srm,experiment=x":           "choose one of exp_subject, exp_cta",
		"srm,variant=green":          "choose one of control, b",
		"provider-outage,code=a@b":   "without @",
	} {
		_, err := ParseIncident(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", text, err, want)
		}
	}
}

func TestIncidentHelpNamesAll(t *testing.T) {
	help := IncidentHelp()
	for _, k := range incidentKinds {
		if !strings.Contains(help, k.name+": "+k.does) {
			t.Errorf("no line for %s in:\n%s", k.name, help)
		}
	}
}
