package fold_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/truth"
)

var morning = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)

// received is a message that says when the stream got it and when it happened.
type received struct{ at, happened time.Time }

// minutely returns messages of one minute after the other.
func minutely(n int) (all []received) {
	for i := range n {
		at := morning.Add(time.Duration(i) * time.Minute)
		all = append(all, received{at, at})
	}
	return all
}

// foldReceived folds a sent event for each message, in all ways in which the time can be
// given, and returns the states. It checks that the truth agrees.
func foldReceived(t *testing.T, messages []received) (byStream, inEvent *fold.State) {
	t.Helper()
	states := [2]*fold.State{newState(options()), newState(options())}
	for way, s := range states {
		want := truth.New(truthOptions(options()))
		for i, m := range messages {
			stated, at := "", m.at.UnixNano()
			if way == 1 {
				stated, at = fmt.Sprintf(`"receivedAt":%q,`, m.at.Format(time.RFC3339)), 0
			}
			data := fmt.Appendf(nil, `{"eventId":"e%d","eventType":"notification.sent","timestamp":%q,%s`+
				`"notificationId":"n%d","userId":"u%d","data":{"channel":"email","category":"c","priority":"low",`+
				`"templateId":"t","provider":"ses"}}`, i, m.happened.Format(time.RFC3339), stated, i, i)
			s.Fold(fold.Message{Data: data, Time: at})
			want.Read(0, data, at)
		}
		if d := want.Compare(exposition(s)); d != nil {
			t.Error(d)
		}
	}
	return states[0], states[1]
}

// total sums up a counter.
func total(s *fold.State, c catalog.Counter) (sum float64) {
	for _, family := range exposition(s) {
		for _, m := range family.Metric {
			if family.GetName() == c.Name {
				sum += m.Counter.GetValue()
			}
		}
	}
	return sum
}

// A wrong time in some messages costs at most these messages, wherever they are, and
// does not move the stream's time for good. It is counted.
func TestWrongTimesDoNoLastingHarm(t *testing.T) {
	month, never := 30*24*time.Hour, time.Date(2261, time.January, 1, 0, 0, 0, 0, time.UTC).Sub(morning)
	latest := time.Date(2261, time.December, 31, 0, 0, 0, 0, time.UTC).Sub(morning)
	for name, test := range map[string]struct {
		where     []int
		by        time.Duration
		happenToo bool // the producer's clock is as wrong as the stream's
	}{
		"one a month ahead":             {[]int{100}, month, false},
		"one a month ahead, both":       {[]int{100}, month, true},
		"eight in 2261":                 {[]int{3, 50, 51, 52, 53, 200, 220, 290}, never, false},
		"eight in 2261, both":           {[]int{3, 50, 51, 52, 53, 200, 220, 290}, never, true},
		"the first":                     {[]int{0}, never, false},
		"the first, both":               {[]int{0}, never, true},
		"the first, the latest, both":   {[]int{0}, latest, true},
		"the first ones, a month, both": {[]int{0, 1, 2}, month, true},
		"ten in a row, both":            {[]int{60, 61, 62, 63, 64, 65, 66, 67, 68, 69}, month, true},
		"steps of thirteen days, both":  {[]int{10, 20, 30, 40, 50, 60, 70}, 13 * 24 * time.Hour, true},
		"one long before, both":         {[]int{100}, -month, true},
		"the first long before, both":   {[]int{0}, -12 * month, true},
	} {
		t.Run(name, func(t *testing.T) {
			messages := minutely(300)
			for _, i := range test.where {
				messages[i].at = messages[i].at.Add(test.by)
				if test.happenToo {
					messages[i].happened = messages[i].at
				}
			}
			byStream, inEvent := foldReceived(t, messages)
			for _, s := range []*fold.State{byStream, inEvent} {
				if lost := total(s, catalog.EventsRejected); lost > 1 {
					t.Errorf("%v events are rejected", lost)
				}
				if got, want := s.Now(), messages[299].at.UnixNano(); got != want {
					t.Errorf("the stream's time is %v, want %v", time.Unix(0, got).UTC(), messages[299].at)
				}
				if total(s, catalog.EventsTimeDoubted) == 0 && test.by > 0 && !slices.Contains(test.where, 0) {
					t.Error("no time was doubted")
				}
			}
		})
	}
}

// Records do not expire by a time that only a few messages have: what was sent before
// them is still known.
func TestRecordsDoNotExpireByAWrongTime(t *testing.T) {
	s := newState(options())
	send(t, s, "n1", "u1", morning)
	for i := range 8 {
		send(t, s, fmt.Sprint("wrong", i), "u2", morning.AddDate(0, 1, 0))
	}
	for i := range 20 {
		send(t, s, fmt.Sprint("right", i), "u2", morning.Add(time.Minute))
	}
	send(t, s, "n1", "u1", morning)
	if got := total(s, catalog.EventsDuplicate); got != 1 {
		t.Errorf("%v duplicates, want the one of n1", got)
	}
}

// A long silence is no fault: everything after it counts, and the time follows at once.
func TestALongSilence(t *testing.T) {
	for _, silence := range []time.Duration{time.Hour, 3 * 24 * time.Hour, 60 * 24 * time.Hour, 170 * 24 * time.Hour} {
		messages := minutely(40)
		for i := 20; i < len(messages); i++ {
			messages[i].at = messages[i].at.Add(silence)
			messages[i].happened = messages[i].at
		}
		for _, seen := range []int{21, len(messages)} {
			byStream, inEvent := foldReceived(t, messages[:seen])
			for _, s := range []*fold.State{byStream, inEvent} {
				rejected, doubted := total(s, catalog.EventsRejected), total(s, catalog.EventsTimeDoubted)
				if s.Now() != messages[seen-1].at.UnixNano() || rejected+doubted > 0 {
					t.Errorf("%v of silence: %v rejected, %v doubted, now %v",
						silence, rejected, doubted, time.Unix(0, s.Now()).UTC())
				}
			}
		}
	}
}

// A state that is stored before the first event trusts a wrong first time as little as a
// new one.
func TestAStateStoredBeforeTheFirstEvent(t *testing.T) {
	s := openStored(t, t.TempDir()).again()
	send(t, s.State, "wrong", "u1", morning.AddDate(1, 0, 0))
	send(t, s.State, "right", "u1", morning)
	if got := time.Unix(0, s.Now()).UTC(); !got.Equal(morning) {
		t.Errorf("the stream's time is %v, want %v", got, morning)
	}
}

// A stream whose first message is far ahead goes on counting: the next one takes the time
// back.
func TestTheFirstTimeIsFarAhead(t *testing.T) {
	for _, ahead := range []time.Duration{30 * 24 * time.Hour, 3 * 365 * 24 * time.Hour} {
		wrong := morning.Add(ahead)
		messages := append([]received{{wrong, wrong}}, minutely(40)...)
		byStream, inEvent := foldReceived(t, messages)
		for _, s := range []*fold.State{byStream, inEvent} {
			counted, rejected := total(s, catalog.Events), total(s, catalog.EventsRejected)
			if counted != 41 || rejected != 0 {
				t.Errorf("%s ahead: %v events count and %v are rejected", ahead, counted, rejected)
			}
			if now := time.Unix(0, s.Now()).UTC(); now.After(morning.Add(time.Hour)) {
				t.Errorf("%s ahead: the stream's time is %s", ahead, now)
			}
		}
	}
}
