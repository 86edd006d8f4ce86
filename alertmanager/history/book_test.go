package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/nats"
)

// Alerts of the tests begin at start.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// minute returns the time some minutes after the start.
func minute(minutes float64) time.Time {
	return start.Add(time.Duration(minutes * float64(time.Minute)))
}

// observation returns an alert whose fingerprint ends in n.
func observation(n int, state Transition, labels ...string) Observation {
	s := Observation{
		Fingerprint: fmt.Sprintf("%016x", n), StartsAt: start, State: state, Summary: "it is down",
		Labels: map[string]string{
			"alertname": "NotificationChannelDown", "rule": "NotificationChannelDown",
			"severity": "critical", "channel": "email",
		},
	}
	for i := 0; i < len(labels); i += 2 {
		s.Labels[labels[i]] = labels[i+1]
	}
	return s
}

// ownEnd ends every alert at its own end, without a condition.
func ownEnd(_ *Alert, at time.Time) (time.Time, EndedBy) { return at, ByAlert }

// shelf counts the sequences of a book.
type shelf struct {
	*Book
	sequence uint64
}

func newShelf() *shelf { return &shelf{Book: newBook(newTotals())} }

// write folds records as if they came from the stream.
func (s *shelf) write(records ...Record) []string {
	var lines []string
	for i := range records {
		s.sequence++
		s.Fold(s.sequence, &records[i])
		lines = append(lines, line(&records[i]))
	}
	return lines
}

// line renders a record, in minutes since start.
func line(r *Record) string {
	text := fmt.Sprintf("%s %s at %g", strings.TrimLeft(r.Fingerprint, "0"), r.Transition, r.At.Sub(start).Minutes())
	if r.Transition == Resolved {
		text += fmt.Sprintf(" after %g", r.Seconds/60)
	}
	return text
}

func TestReconcilePoll(t *testing.T) {
	s := newShelf()
	later := observation(1, Active)
	later.StartsAt = minute(20)
	earlier := later
	earlier.StartsAt = minute(19)
	for _, step := range []struct {
		about string
		now   float64
		seen  []Observation
		gone  bool
		want  []string
	}{
		{"two alerts", 1, []Observation{observation(1, Active), observation(2, Suppressed)}, true,
			[]string{"1 active at 0", "2 suppressed at 0"}},
		{"the same", 2, []Observation{observation(1, Active), observation(2, Suppressed)}, true, nil},
		{"both states change", 3, []Observation{observation(1, Suppressed), observation(2, Active)}, true,
			[]string{"1 suppressed at 3", "2 active at 3"}},
		{"not processed yet", 4, []Observation{observation(1, ""), observation(2, ""), observation(3, "")}, true, nil},
		{"an Alertmanager that has just started", 5, nil, false, nil},
		{"one is resolved", 6, []Observation{observation(1, Active)}, true,
			[]string{"1 active at 6", "2 resolved at 6 after 6"}},
		{"the same start again begins where it ended", 8, []Observation{observation(1, Active), observation(2, Active)},
			true, []string{"2 active at 6"}},
		{"it is resolved again", 9, []Observation{observation(1, Active)}, true, []string{"2 resolved at 9 after 3"}},
		{"a new episode, after an end that was missed", 21, []Observation{later}, true,
			[]string{"1 resolved at 20 after 20", "1 active at 20"}},
		{"merged with an earlier start", 22, []Observation{earlier}, true, nil},
		{"all are resolved", 25, nil, true, []string{"1 resolved at 25 after 5"}},
	} {
		got := s.write(s.ReconcilePoll(minute(step.now), step.seen, step.gone, nil, ownEnd)...)
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.about, diff)
		}
	}
	if open := s.Firing(); len(open) > 0 {
		t.Errorf("%d alerts are open", len(open))
	}
	if got := s.Totals().ToResolve["critical"]; got.Count() != 4 || got.Milliseconds != (6+3+20+5)*60_000 {
		t.Errorf("resolved: %+v", got)
	}
}

// A webhook's message says when an alert ended that Alertmanager no longer has, and
// nothing else: neither does it end one that Alertmanager has, nor is its end believed
// if it lies outside the episode.
func TestEndsFromElsewhere(t *testing.T) {
	over := func(started, ended float64) []Observation {
		o := observation(1, Resolved)
		o.StartsAt, o.EndsAt = minute(started), minute(ended)
		return []Observation{o}
	}
	for name, tc := range map[string]struct {
		observed, ended []Observation
		want            []string
	}{
		"the end":             {nil, over(0, 9), []string{"1 resolved at 9 after 9"}},
		"it still fires":      {[]Observation{observation(1, Active)}, over(0, 9), nil},
		"of another episode":  {nil, over(1, 9), []string{"1 resolved at 10 after 10"}},
		"before it began":     {nil, over(0, -9), []string{"1 resolved at 10 after 10"}},
		"in the future":       {nil, over(0, 11), []string{"1 resolved at 10 after 10"}},
		"no end in a message": {nil, []Observation{observation(1, Resolved)}, []string{"1 resolved at 10 after 10"}},
	} {
		s := newShelf()
		s.write(s.ReconcilePoll(minute(1), []Observation{observation(1, Active)}, true, nil, ownEnd)...)
		got := s.write(s.ReconcilePoll(minute(10), tc.observed, true, tc.ended, ownEnd)...)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestNews(t *testing.T) {
	s := newShelf()
	s.write(s.ReconcilePoll(minute(1), []Observation{observation(1, Active)}, true, nil, ownEnd)...)
	later := observation(1, Active)
	later.StartsAt = minute(5)
	for name, tc := range map[string]struct {
		o    Observation
		want bool
	}{
		"what is known":         {observation(1, Active), false},
		"a new episode":         {later, true},
		"a new alert":           {observation(2, Active), true},
		"its end":               {observation(1, Resolved), true},
		"the end of a stranger": {observation(3, Resolved), false},
	} {
		if got := s.News(&tc.o); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestProblem(t *testing.T) {
	many := map[string]string{"alertname": "a"}
	for i := range maxLabels {
		many[fmt.Sprint("l", i)] = ""
	}
	for want, edit := range map[string]func(*Observation){
		"":                          func(*Observation) {},
		"starts in the future":      func(o *Observation) { o.StartsAt = minute(11) },
		"starts before the history": func(o *Observation) { o.StartsAt = time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC) },
		"ends before it starts":     func(o *Observation) { o.State, o.EndsAt = Resolved, minute(-1) },
		"more than 64 labels":       func(o *Observation) { o.Labels = many },
		"8192 bytes":                func(o *Observation) { o.Labels["x"] = strings.Repeat("x", maxLabelBytes) },
	} {
		o := observation(1, Active)
		edit(&o)
		if got := o.Problem(start); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTimeToResolveEndsWithTheCondition(t *testing.T) {
	s := newShelf()
	s.write(s.ReconcilePoll(minute(1), []Observation{observation(1, Active)}, true, nil, ownEnd)...)
	condition := func(a *Alert, end time.Time) (time.Time, EndedBy) {
		if a.Labels["channel"] != "email" || !end.Equal(minute(40)) {
			t.Errorf("asked for the end of %v at %s", a.Labels, end)
		}
		return minute(10), ByCondition
	}
	records := s.ReconcilePoll(minute(40), nil, true, nil, condition)
	if len(records) != 1 || !records[0].At.Equal(minute(40)) || !records[0].Ended.Equal(minute(10)) ||
		records[0].EndedBy != ByCondition || records[0].Seconds != 600 {
		t.Errorf("%+v", records)
	}
}

func TestAcknowledgementEnds(t *testing.T) {
	ack := func(s *shelf, minutes, until float64) {
		a := s.Firing()[0]
		r := a.record(Acknowledged, minute(minutes))
		end := minute(until)
		r.By, r.Until = "ana", &end
		r.measure(minute(minutes))
		s.write(r)
	}
	s := newShelf()
	s.write(s.ReconcilePoll(minute(0), []Observation{observation(1, Active)}, true, nil, ownEnd)...)
	ack(s, 4, 14)
	for n, want := range map[float64]int{4: 1, 13.9: 1, 14: 0, 20: 0} {
		if got := len(s.Acknowledged(minute(n))); got != want {
			t.Errorf("minute %g: %d acknowledged, want %d", n, got, want)
		}
	}
	if got := s.ExpireAcknowledgements(minute(13.9)); got != nil {
		t.Errorf("expired too early: %v", got)
	}
	if diff := cmp.Diff([]string{"1 expired at 14"}, s.write(s.ExpireAcknowledgements(minute(20))...)); diff != "" {
		t.Error(diff)
	}
	if got := s.ExpireAcknowledgements(minute(21)); got != nil {
		t.Errorf("expired twice: %v", got)
	}
	ack(s, 22, 60)
	s.write(s.ReconcilePoll(minute(30), nil, true, nil, ownEnd)...)
	again := observation(1, Active)
	again.StartsAt = minute(31)
	s.write(s.ReconcilePoll(minute(32), []Observation{again}, true, nil, ownEnd)...)
	if got := s.Acknowledged(minute(33)); got != nil || s.Firing()[0].Acknowledgement != nil {
		t.Errorf("an alert that fires again is acknowledged: %v", got)
	}
	ack(s, 33, 40)
	// The first of each episode counts: after 4 and after 2 minutes.
	if got := s.Totals().ToAcknowledge["critical"]; got.Count() != 2 || got.Milliseconds != 6*60_000 {
		t.Errorf("time to acknowledge: %+v", got)
	}
}

func TestAcknowledgedSeries(t *testing.T) {
	email := Series{"NotificationChannelDown", "NotificationChannelDown", "email"}
	for name, tc := range map[string]struct {
		alerts []Observation
		acked  []int
		want   []Series
	}{
		"none": {[]Observation{observation(1, Active)}, nil, nil},
		"one":  {[]Observation{observation(1, Active)}, []int{1}, []Series{email}},
		"one of two providers": {[]Observation{observation(1, Active), observation(2, Active, "provider", "ses")},
			[]int{1}, nil},
		"both providers": {[]Observation{observation(1, Active), observation(2, Active, "provider", "ses")},
			[]int{1, 2}, []Series{email}},
		"the other is suppressed": {[]Observation{observation(1, Active), observation(2, Suppressed)}, []int{1},
			[]Series{email}},
		"a suppressed one": {[]Observation{observation(1, Suppressed)}, []int{1}, []Series{email}},
		"one of another channel": {[]Observation{observation(1, Active), observation(2, Active, "channel", "sms")},
			[]int{1}, []Series{email}},
		"one without a channel": {[]Observation{observation(1, Active, "channel", "")}, []int{1},
			[]Series{{"NotificationChannelDown", "NotificationChannelDown", ""}}},
		"the same rule, by an own": {[]Observation{observation(1, Active, "rule", "mine")}, []int{1},
			[]Series{{"NotificationChannelDown", "mine", "email"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf()
			s.write(s.ReconcilePoll(minute(0), tc.alerts, true, nil, ownEnd)...)
			for _, a := range s.Firing() {
				if slices.ContainsFunc(tc.acked, func(n int) bool { return a.Fingerprint == fmt.Sprintf("%016x", n) }) {
					r := a.record(Acknowledged, minute(1))
					until := minute(10)
					r.Until = &until
					s.write(r)
				}
			}
			if diff := cmp.Diff(tc.want, s.Acknowledged(minute(2))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The first records of a long episode may have left the stream.
func TestAnEpisodeMayBeginInTheMiddle(t *testing.T) {
	s := newShelf()
	first := s.ReconcilePoll(minute(0), []Observation{observation(1, Active)}, true, nil, ownEnd)[0]
	a := &Alert{Fingerprint: first.Fingerprint}
	a.begin(&first)
	until := minute(60)
	r := a.record(Acknowledged, minute(5))
	r.Until = &until
	s.write(r)
	if open := s.Firing(); len(open) != 1 || open[0].State != Active || !open[0].AcknowledgedAt(minute(6)) {
		t.Errorf("%+v", open)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, m := range map[string]nats.Message{
		"no JSON": {Subject: nats.AlertSubject("0000000000000001"), Data: []byte("{")},
		"another's subject": {Subject: nats.AlertSubject("0000000000000001"),
			Data: []byte(`{"fingerprint":"0000000000000002"}`)},
		"no fingerprint": {Subject: nats.AlertSubject("totals"), Data: []byte(`{"fingerprint":"totals"}`)},
	} {
		if r, err := Decode(m); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestFind(t *testing.T) {
	s := newShelf()
	one, two := observation(1, Active), observation(2, Active, "channel", "sms")
	other := observation(3, Active, "alertname", "NotificationExporterDown", "rule", "NotificationExporterDown")
	own := observation(4, Active, "alertname", "SmsFailuresHigh", "rule", "aabb", "channel", "sms")
	page := observation(5, Active, "alertname", "NotificationAlertUnacknowledged", "rule", "aabb", "channel", "sms")
	for i, o := range []*Observation{&one, &two, &other, &own, &page} {
		o.Fingerprint = []string{"aabbccdd00000001", "aabbccee00000002", "ff00000000000003", "0400000000000004",
			"0500000000000005"}[i]
	}
	s.write(s.ReconcilePoll(minute(0), []Observation{one, two, other, own, page}, true, nil, ownEnd)...)
	short := map[string]string{one.Fingerprint: "aabbccd", two.Fingerprint: "aabbcce", other.Fingerprint: "ff00",
		own.Fingerprint: "0400", page.Fingerprint: "0500"}
	if diff := cmp.Diff(short, ShortIDs(s.Firing())); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct {
		Query
		want []string
	}{
		{Query{ID: "aabbccd"}, []string{one.Fingerprint}},
		{Query{ID: "FF"}, []string{other.Fingerprint}},
		{Query{ID: "NotificationExporterDown"}, []string{other.Fingerprint}},
		{Query{ID: "notificationexporterdown"}, []string{other.Fingerprint}},
		{Query{ID: two.Fingerprint}, []string{two.Fingerprint}},
		{Query{ID: "SmsFailuresHigh"}, []string{own.Fingerprint}},
		// The rule, neither the page about it nor what the same digits begin.
		{Query{ID: "aabb"}, []string{own.Fingerprint}},
		{Query{ID: "aabb", Channel: "sms", All: true}, []string{own.Fingerprint}},
		{Query{ID: "NotificationAlertUnacknowledged"}, []string{page.Fingerprint}},
		{Query{ID: "NotificationChannelDown", Channel: "sms"}, []string{two.Fingerprint}},
		{Query{ID: "NotificationChannelDown", All: true}, []string{one.Fingerprint, two.Fingerprint}},
		{Query{ID: "aabbcc", All: true}, []string{one.Fingerprint, two.Fingerprint}},
	} {
		found, err := s.Find(c.Query)
		var got []string
		for _, a := range found {
			got = append(got, a.Fingerprint)
		}
		if slices.Sort(got); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v finds %v, %v", c.Query, got, err)
		}
	}
	for query, want := range map[Query]string{
		{ID: "aabbcc"}:                  `"aabbcc" matches 2 active alerts`,
		{ID: "NotificationChannelDown"}: `"NotificationChannelDown" matches 2 active alerts`,
		{ID: "NotificationChannel"}:     `"NotificationChannel" matches no active alert`,
		{}:                              `"" matches no active alert`,
		{ID: "aabb", Channel: "push"}:   `"aabb" on channel "push" matches no active alert`,
		{ID: "x", All: true}:            `"x" matches no active alert`,
	} {
		if a, err := s.Find(query); err == nil || err.Error() != want {
			t.Errorf("%+v finds %v, %v", query, a, err)
		}
	}
}
