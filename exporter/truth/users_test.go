package truth

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

const days = 24 * time.Hour

// sending makes a sent event of a notification.
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
		want = `send_hour_stage_total{stage="sent",channel="email",` + want + `} 1`
		if diff := cmp.Diff([]string{want}, story([]event.Event{sent}, catalog.SendHourStages)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", zone, diff)
		}
	}
}

// All stages count in the situation of sent, earlier ones included, each once, and
// none of a late event.
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

// A send just 7 days ago is recent, on any channel, and so is one whose event comes
// late. One that is a nanosecond older is not.
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

// The user is in arm a. Arm b of the second notification makes one crossover and
// counts in arm a. Late events and those outside the experiment count nowhere.
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
		sums := [...]string{outcome.n, outcome.x, outcome.xx, outcome.xy, outcome.y, outcome.yy}
		for i, moment := range [...]string{"n", "x", "xx", "xy", "y", "yy"} {
			if sums[i] != "" {
				want = append(want, fmt.Sprintf(
					`experiment_moment_total{experiment="x",variant="a",outcome=%q,moment=%q} %s`, outcome.name, moment, sums[i]))
			}
		}
	}
	if diff := cmp.Diff(want, story(events, catalog.ExperimentMoments)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A day of engagement counts if it is among the 30 before the day on which the user
// entered, once, and whenever it became known. What happens later changes nothing.
func TestCovariateIsThatOfTheDayOfEntry(t *testing.T) {
	opened := func(after time.Duration) event.Event {
		return event.Event{Type: catalog.EventOpened, Time: at(after), NotificationID: fmt.Sprint(after)}
	}
	machine := opened(39 * days)
	machine.Machine = true
	for name, test := range map[string]struct {
		before []event.Event
		want   float64
	}{
		"nothing":         {nil, 0},
		"a machine":       {[]event.Event{machine}, 0},
		"too early":       {[]event.Event{opened(10*days - 1)}, 0},
		"the first day":   {[]event.Event{opened(10 * days)}, 1},
		"the last day":    {[]event.Event{opened(40*days - 1)}, 1},
		"the day itself":  {[]event.Event{opened(40 * days)}, 0},
		"later":           {[]event.Event{opened(41 * days)}, 0},
		"twice a day":     {[]event.Event{opened(20 * days), opened(21*days - 1)}, 1},
		"some days":       {[]event.Event{opened(26 * days), opened(33 * days), opened(39 * days)}, 3},
		"in any order":    {[]event.Event{opened(39 * days), opened(26 * days), opened(33 * days)}, 3},
		"known very late": {[]event.Event{opened(10 * days), opened(53 * days), opened(39 * days)}, 2},
	} {
		entry := inside(sending("in", 40*days), "a")
		entry.Time++
		counted := New(Options{})
		for i, e := range append(slices.Clone(test.before), entry, opened(39*days+time.Hour)) {
			e.ID, e.UserID = fmt.Sprint("e", i), "u1"
			counted.Add(&e, e.Time)
		}
		for moment, want := range map[string]float64{"c": test.want, "cc": test.want * test.want, "cx": test.want} {
			if got := counted.Total(catalog.ExperimentMoments, "open", moment); got != want {
				t.Errorf("%s: %s is %v, want %v", name, moment, got, want)
			}
		}
	}
}

// The last event of each story sets the time. A delivery does not touch its user.
func TestUsersMoveBetweenSegments(t *testing.T) {
	sent := sending("", 0)
	opened := event.Event{Type: catalog.EventOpened, Time: at(time.Hour + 59*time.Minute)}
	ahead := event.Event{
		Type: catalog.EventOpened, Time: at(time.Hour + time.Minute), ReceivedAt: at(time.Hour - time.Minute),
	}
	never, once := []event.Event{sent}, []event.Event{sent, opened}
	for name, test := range map[string]struct {
		events  []event.Event
		now     time.Duration
		segment string
		windows []string // in which the user is active
	}{
		"untouched":                  {nil, 0, "", nil},
		"just sent":                  {never, time.Second, "new", nil},
		"last hour of new":           {never, 7*days - 1, "new", nil},
		"never engaged":              {never, 7 * days, "dormant", nil},
		"engaged and new":            {once, days, "new", []string{"1d", "30d", "7d"}},
		"last hour of the day":       {once, 25*time.Hour - 1, "new", []string{"1d", "30d", "7d"}},
		"a day later":                {once, 25 * time.Hour, "new", []string{"30d", "7d"}},
		"a week later":               {once, 7*days + time.Hour, "active", []string{"30d"}},
		"last hour of active":        {once, 30*days + time.Hour - 1, "active", []string{"30d"}},
		"30 days later":              {once, 30*days + time.Hour, "at_risk", nil},
		"90 days later":              {once, 90*days + time.Hour, "dormant", nil},
		"clock ahead":                {[]event.Event{sent, ahead}, 30 * days, "at_risk", nil},
		"last day before forgetting": {once, 402*days - 1, "dormant", nil},
		"forgotten":                  {once, 402 * days, "", nil},
	} {
		var want []string
		if test.segment != "" {
			want = append(want, fmt.Sprintf(`users{segment=%q} 1`, test.segment))
		}
		for _, window := range test.windows {
			want = append(want, fmt.Sprintf(`active_users{window=%q} 1`, window))
		}
		last := event.Event{NotificationID: "n2", Type: catalog.EventDelivered, Time: at(test.now)}
		got := story(append(slices.Clone(test.events), last), catalog.Users, catalog.ActiveUsers)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A user who comes back after being forgotten is new: in another arm without a
// crossover, and without recent sends.
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
