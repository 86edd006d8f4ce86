package simulate

import (
	"bytes"
	"flag"
	"math"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// play runs a whole simulation and shows each message to see, which may be nil.
func play(t testing.TB, c Config, see func(*Simulator, *Message)) *Simulator {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return run(s, see)
}

// playLong runs a simulation without the reports of nodes, which would be most of the
// work over days.
func playLong(t testing.TB, c Config, see func(*Simulator, *Message)) *Simulator {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.nodes {
		s.nodes[i].next = math.MaxInt64
	}
	return run(s, see)
}

// run counts the truth too.
func run(s *Simulator, see func(*Simulator, *Message)) *Simulator {
	s.Count()
	var m Message
	for s.Next(&m) {
		if see != nil {
			see(s, &m)
		}
	}
	return s
}

// lines returns a simulation as recorded input.
func lines(t testing.TB, c Config) []byte {
	var all []byte
	play(t, c, func(_ *Simulator, m *Message) { all = m.AppendNDJSON(all) })
	return all
}

func truthOf(t testing.TB, s *Simulator) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.truth.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// troubled returns a configuration in which everything happens at once.
func troubled(seed uint64, events int) Config {
	c := Config{Seed: seed, Events: events, PerMinute: 400}
	for _, k := range incidentKinds {
		c.Incidents = append(c.Incidents, Incident{Name: k.name, At: time.Minute, For: 5 * time.Minute})
	}
	return c
}

func TestSameSeedSameBytesAndTruth(t *testing.T) {
	var events [2][]byte
	var truths [2]string
	for i := range events {
		s := play(t, troubled(3, 6_000), func(_ *Simulator, m *Message) { events[i] = m.AppendNDJSON(events[i]) })
		truths[i] = string(truthOf(t, s))
	}
	if !bytes.Equal(events[0], events[1]) {
		t.Error("events differ")
	}
	if diff := cmp.Diff(truths[0], truths[1]); diff != "" {
		t.Errorf("truths differ (-first +second):\n%s", diff)
	}
}

func TestOtherSeedOtherEvents(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(3) {
		play(t, Config{Seed: seed, Events: 2000}, func(_ *Simulator, m *Message) {
			if !m.Duplicate && seen[m.EventID] {
				t.Fatalf("event id %s occurs under two seeds", m.EventID)
			}
			seen[m.EventID] = true
		})
	}
}

// A limit cuts a simulation off; it must not change what comes before.
func TestShorterRunIsTheBeginningOfALongerOne(t *testing.T) {
	short, long := troubled(5, 3000), troubled(5, 9000)
	if !bytes.HasPrefix(lines(t, long), lines(t, short)) {
		t.Error("3,000 events are not the first 3,000 of 9,000")
	}
}

func TestFirstLines(t *testing.T) {
	const golden = "testdata/first.ndjson"
	got := lines(t, Config{Seed: 7, Events: 24})
	if *update {
		if err := os.WriteFile(golden, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the first events have changed (-want +got); if they should, run with -update:\n%s", diff)
	}
}

func TestMessagesComeInTheOrderOfReceiving(t *testing.T) {
	var last time.Time
	ids := map[string][]byte{}
	play(t, Config{Seed: 1, Events: 20_000}, func(_ *Simulator, m *Message) {
		if m.ReceivedAt.Before(last) {
			t.Fatalf("%s is received at %s, before the message before it", m.EventID, m.ReceivedAt)
		}
		last = m.ReceivedAt
		original, repeated := ids[m.EventID]
		if repeated != m.Duplicate {
			t.Fatalf("%s: duplicate %v, but seen before %v", m.EventID, m.Duplicate, repeated)
		}
		if repeated && !bytes.Equal(original, m.JSON) {
			t.Fatalf("a duplicate differs:\n%s\n%s", original, m.JSON)
		}
		ids[m.EventID] = bytes.Clone(m.JSON)
	})
}

func TestDurationEndsIt(t *testing.T) {
	s := play(t, Config{Duration: 10 * time.Minute}, func(s *Simulator, m *Message) {
		if !m.ReceivedAt.Before(DefaultStart.Add(10 * time.Minute)) {
			t.Errorf("%s is received at %s", m.EventID, m.ReceivedAt)
		}
	})
	if _, more := s.NextAt(); more {
		t.Error("there is more after the end")
	}
	if n := s.truth.Events; n < 1000 {
		t.Errorf("%d events in 10 minutes", n)
	}
}

// Lifecycles are kept only while they have steps to come, and the truth remembers no more
// notifications than that.
func TestMemoryIsBounded(t *testing.T) {
	peak := func(events int) (most int) {
		s := play(t, Config{Seed: 1, Events: events, PerMinute: 2000, Users: 500}, func(s *Simulator, _ *Message) {
			most = max(most, len(s.pending)+len(s.free))
		})
		if s.started < uint64(events)/4 {
			t.Fatalf("%d lifecycles in %d events", s.started, events)
		}
		notifications, users := s.truth.Len()
		if users > 500 || notifications > len(s.pending) {
			t.Errorf("the truth remembers %d notifications of %d users; there are 500, with %d to come",
				notifications, users, len(s.pending))
		}
		return most
	}
	short, long := peak(6_000), peak(24_000)
	if long > 3*short || long > 20_000 {
		t.Errorf("%d lifecycles are held in 6,000 events and %d in 24,000", short, long)
	}
}

func TestWrongSettingsAreRefused(t *testing.T) {
	for _, c := range []Config{
		{PerMinute: -1}, {Users: -1}, {Events: -1}, {Duration: -1}, {Start: time.Unix(0,
			0)}, {Partitions: -1}, {Partitions: 1000},
		{Incidents: []Incident{{Name: "flood"}}}, {Incidents: []Incident{{Name: halving, Channel: "fax"}}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	s, err := New(Config{Seed: 1, PerMinute: 100_000, Users: 200_000})
	if err != nil {
		b.Fatal(err)
	}
	var m Message
	var bytes int64
	b.ReportAllocs()
	for b.Loop() {
		s.Next(&m)
		bytes += int64(len(m.JSON))
	}
	b.ReportMetric(float64(bytes)/float64(b.N), "bytes/event")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
