package truth

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

const days = 24 * time.Hour

// sending is a sent event of a notification.
func sending(notification string, after time.Duration) event.Event {
	return event.Event{
		NotificationID: notification, Type: catalog.EventSent, Time: at(after),
		Channel: "email", Category: "social", Priority: "low", Template: "t",
	}
}

// The simulation starts on a Monday at midnight in UTC, a second after this
// notification was sent.
func TestSituationIsThatOfTheUsersClock(t *testing.T) {
	for zone, want := range map[string]string{
		"":                 `local_hour="23",local_weekday="sun"`,
		"Mars/Olympus":     `local_hour="23",local_weekday="sun"`,
		"America/New_York": `local_hour="18",local_weekday="sun"`,
		"Asia/Kathmandu":   `local_hour="5",local_weekday="mon"`,
		"Europe/Berlin":    `local_hour="0",local_weekday="mon"`,
	} {
		sent := sending("", 0)
		sent.Timezone, sent.SentAt = zone, at(-time.Second)
		got := story([]event.Event{sent}, catalog.SendHourStages)
		if diff := cmp.Diff([]string{`send_hour_stage_total{stage="sent",channel="email",` + want + `} 1`}, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", zone, diff)
		}
	}
}

// All stages are booked in the situation of sent, those before it too, each
// once, and none of a late event.
func TestSituationHoldsForTheWholeLife(t *testing.T) {
	sent := sending("", 0)
	sent.Timezone = "Asia/Tokyo"
	got := story([]event.Event{
		{Type: catalog.EventDelivered, Time: at(time.Second), Channel: "sms"},
		sent,
		{Type: catalog.EventDelivered, Time: at(2 * time.Second)},
		{Type: catalog.EventClicked, Time: at(days), Timezone: "Europe/Berlin"},
		{Type: catalog.EventConverted, Time: at(8 * days)},
	}, catalog.SendHourStages, catalog.FrequencyStages)
	want := []string{
		`send_hour_stage_total{stage="delivered",channel="email",local_hour="9",local_weekday="mon"} 1`,
		`send_hour_stage_total{stage="engaged",channel="email",local_hour="9",local_weekday="mon"} 1`,
		`send_hour_stage_total{stage="sent",channel="email",local_hour="9",local_weekday="mon"} 1`,
		`frequency_stage_total{stage="clicked",channel="email",recent_sends="0"} 1`,
		`frequency_stage_total{stage="delivered",channel="email",recent_sends="0"} 1`,
		`frequency_stage_total{stage="engaged",channel="email",recent_sends="0"} 1`,
		`frequency_stage_total{stage="sent",channel="email",recent_sends="0"} 1`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A send just 7 days ago is recent, on whatever channel it was, and so is one
// that comes late; one that is a moment older is not.
func TestRecentSendsAreThoseOfSevenDays(t *testing.T) {
	var events []event.Event
	for hours := range 13 {
		events = append(events, sending(fmt.Sprint("hourly", hours), time.Duration(hours)*time.Hour))
	}
	events[7], events[8] = events[8], events[7]
	just, after := sending("just", 7*days+2*time.Hour), sending("after", 7*days+12*time.Hour+1)
	just.Channel, after.Channel = "push", "sms"
	opened := event.Event{NotificationID: "hourly3", Type: catalog.EventOpened, Time: at(days)}
	got := story(append(events, opened, just, after), catalog.FrequencyStages)
	want := []string{
		`frequency_stage_total{stage="engaged",channel="email",recent_sends="3-5"} 1`,
		`frequency_stage_total{stage="opened",channel="email",recent_sends="3-5"} 1`,
		`frequency_stage_total{stage="sent",channel="email",recent_sends="0"} 1`,
		`frequency_stage_total{stage="sent",channel="email",recent_sends="1-2"} 2`,
		`frequency_stage_total{stage="sent",channel="email",recent_sends="11+"} 2`,
		`frequency_stage_total{stage="sent",channel="email",recent_sends="3-5"} 3`,
		`frequency_stage_total{stage="sent",channel="email",recent_sends="6-10"} 5`,
		`frequency_stage_total{stage="sent",channel="push",recent_sends="11+"} 1`,
		`frequency_stage_total{stage="sent",channel="sms",recent_sends="1-2"} 1`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// inside puts an event into an experiment.
func inside(e event.Event, variant string) event.Event {
	e.Experiment, e.Variant = "x", variant
	return e
}

// The user is in arm a. What the second notification says of arm b makes a
// crossover, once, and counts in arm a; what is late or outside counts nowhere.
func TestUserStaysInTheFirstArm(t *testing.T) {
	of := func(notification string, kind catalog.EventType, after time.Duration) event.Event {
		return event.Event{NotificationID: notification, Type: kind, Time: at(after)}
	}
	worth := func(e event.Event, amount float64) event.Event {
		e.Value = event.Money{Amount: amount, Currency: "EUR"}
		return e
	}
	optOut := of("n2", catalog.EventPreferenceChanged, 4*time.Hour)
	optOut.Change, optOut.Channel = "opt_out", "email"
	events := []event.Event{
		inside(of("n0", catalog.EventDelivered, 0), "a"), // its sent is lost
		inside(sending("n1", time.Hour), "a"),
		inside(sending("n2", 2*time.Hour), "b"),
		inside(sending("n3", 3*time.Hour), "b"),
		sending("n4", 3*time.Hour),
		of("n1", catalog.EventOpened, 4*time.Hour),
		of("n1", catalog.EventOpened, 5*time.Hour),
		of("n2", catalog.EventOpened, 5*time.Hour),
		of("n4", catalog.EventClicked, 5*time.Hour),
		worth(of("n1", catalog.EventConverted, 6*time.Hour), 10),
		worth(of("n1", catalog.EventConverted, 7*time.Hour), 5),
		worth(of("n1", catalog.EventConverted, 8*days), 100),
		optOut,
	}
	want := []string{
		`experiment_crossover_users_total{experiment="x"} 1`,
		`experiment_users_total{stage="converted",experiment="x",variant="a"} 1`,
		`experiment_users_total{stage="delivered",experiment="x",variant="a"} 1`,
		`experiment_users_total{stage="engaged",experiment="x",variant="a"} 1`,
		`experiment_users_total{stage="opened",experiment="x",variant="a"} 1`,
		`experiment_users_total{stage="opted_out",experiment="x",variant="a"} 1`,
		`experiment_users_total{stage="sent",experiment="x",variant="a"} 1`,
	}
	if diff := cmp.Diff(want, story(events, catalog.ExperimentCrossovers, catalog.ExperimentUsers)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want = nil
	for _, outcome := range []struct{ name, n, x, xx, xy, y, yy string }{
		{"click", "1", "3", "9", "", "", ""},
		{"conversion", "1", "3", "9", "3", "1", "1"},
		{"open", "1", "3", "9", "6", "2", "4"},
		{"opt_out", "1", "3", "9", "3", "1", "1"},
		{"value", "1", "3", "9", "45", "15", "225"},
	} {
		for _, m := range [][2]string{{"n", outcome.n}, {"x", outcome.x}, {"xx", outcome.xx}, {"xy", outcome.xy}, {"y", outcome.y}, {"yy", outcome.yy}} {
			if m[1] != "" {
				want = append(want, fmt.Sprintf(`experiment_moment_total{experiment="x",variant="a",outcome="%s",moment="%s"} %s`, outcome.name, m[0], m[1]))
			}
		}
	}
	if diff := cmp.Diff(want, story(events, catalog.ExperimentMoments)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The last event of each story tells the time; a delivery says nothing of a user.
func TestUsersMoveBetweenSegments(t *testing.T) {
	const users, active = `users{segment="%s"} 1`, `active_users{window="%s"} 1`
	sent := sending("", 0)
	opened := event.Event{Type: catalog.EventOpened, Time: at(time.Hour + 59*time.Minute)}
	ahead := event.Event{Type: catalog.EventOpened, Time: at(time.Hour + time.Minute), ReceivedAt: at(time.Hour - time.Minute)}
	for name, test := range map[string]struct {
		events []event.Event
		now    time.Duration
		want   []string
	}{
		"untouched":                  {nil, 0, nil},
		"just sent":                  {[]event.Event{sent}, time.Second, []string{fmt.Sprintf(users, "new")}},
		"last hour of new":           {[]event.Event{sent}, 7*days - 1, []string{fmt.Sprintf(users, "new")}},
		"never engaged":              {[]event.Event{sent}, 7 * days, []string{fmt.Sprintf(users, "dormant")}},
		"engaged and new":            {[]event.Event{sent, opened}, days, []string{fmt.Sprintf(users, "new"), fmt.Sprintf(active, "1d"), fmt.Sprintf(active, "30d"), fmt.Sprintf(active, "7d")}},
		"last hour of the day":       {[]event.Event{sent, opened}, 25*time.Hour - 1, []string{fmt.Sprintf(users, "new"), fmt.Sprintf(active, "1d"), fmt.Sprintf(active, "30d"), fmt.Sprintf(active, "7d")}},
		"a day later":                {[]event.Event{sent, opened}, 25 * time.Hour, []string{fmt.Sprintf(users, "new"), fmt.Sprintf(active, "30d"), fmt.Sprintf(active, "7d")}},
		"a week later":               {[]event.Event{sent, opened}, 7*days + time.Hour, []string{fmt.Sprintf(users, "active"), fmt.Sprintf(active, "30d")}},
		"last hour of active":        {[]event.Event{sent, opened}, 30*days + time.Hour - 1, []string{fmt.Sprintf(users, "active"), fmt.Sprintf(active, "30d")}},
		"30 days later":              {[]event.Event{sent, opened}, 30*days + time.Hour, []string{fmt.Sprintf(users, "at_risk")}},
		"90 days later":              {[]event.Event{sent, opened}, 90*days + time.Hour, []string{fmt.Sprintf(users, "dormant")}},
		"clock ahead":                {[]event.Event{sent, ahead}, 30 * days, []string{fmt.Sprintf(users, "at_risk")}},
		"last day before forgetting": {[]event.Event{sent, opened}, 402*days - 1, []string{fmt.Sprintf(users, "dormant")}},
		"forgotten":                  {[]event.Event{sent, opened}, 402 * days, nil},
	} {
		told := append(test.events, event.Event{NotificationID: "n2", Type: catalog.EventDelivered, Time: at(test.now)})
		if diff := cmp.Diff(test.want, story(told, catalog.Users, catalog.ActiveUsers)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Who comes back after having been forgotten is a new user, in another arm
// without a crossover, and has no sends before.
func TestForgottenUserIsNewAgain(t *testing.T) {
	got := story([]event.Event{
		inside(sending("n1", 0), "a"),
		inside(sending("n2", 402*days), "b"),
	}, catalog.Users, catalog.ExperimentUsers, catalog.ExperimentCrossovers, catalog.FrequencyStages)
	want := []string{
		`users{segment="new"} 1`,
		`experiment_users_total{stage="sent",experiment="x",variant="a"} 1`,
		`experiment_users_total{stage="sent",experiment="x",variant="b"} 1`,
		`frequency_stage_total{stage="sent",channel="email",recent_sends="0"} 2`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
