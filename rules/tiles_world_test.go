package rules

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"

	"belfry/rules/simtime"
)

// tileWorld has counters of which everything goes wrong that may, a Prometheus
// that scrapes them, and what it has seen of them.
type tileWorld struct {
	random   *rand.Rand
	dir      string
	files    map[string][]byte
	server   *simtime.Server
	engine   *promql.Engine
	follows  []followed
	sums     []*tileSum
	recorded int // tiles
	log      []string

	tile, scrape, lag  time.Duration // a scrape is committed with a delay
	now, next, nextDue time.Time     // now, the next scrape, the next evaluation
	evaluated          time.Time
	outage             time.Time // until when Prometheus is down
	missed             bool      // the next evaluation is
	partitions         []*tilePartition
	counters           []*tileCounter
	pending            []tileScrape
	shown              map[string]*simtime.Series
}

// tilePartition has what is hidden, moves and starts over together.
type tilePartition struct {
	number int // -1 for what no partition counts
	moves  int
	hidden time.Time // until when
	over   bool      // it has started over, which no tile has counted yet
	overAt time.Time
}

// tileScrape holds a scrape that is not committed yet.
type tileScrape struct {
	at, commit time.Time
	values     map[*tileCounter]float64
	moves      map[*tilePartition]int
}

const tilesLast = 5 * time.Hour

func newTileWorld(t *testing.T, set *Set, tile time.Duration, seed uint64) *tileWorld {
	r := rand.New(rand.NewPCG(seed, uint64(tile)))
	between := func(from, to time.Duration) time.Duration {
		return from + time.Duration(r.Int64N(int64(to-from))).Truncate(time.Millisecond)
	}
	w := &tileWorld{
		random: r, dir: t.TempDir(), files: tileFiles(t, set), tile: tile, shown: map[string]*simtime.Series{},
		follows: followedCounters(t, set, tile), sums: tileSums(t, set, tile),
		engine: promql.NewEngine(promql.EngineOpts{
			MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: 5 * time.Minute,
			Parser: parser.NewParser(parser.Options{}),
		}),
	}
	w.scrape = []time.Duration{5, 10, 15, 30, 60}[r.IntN(5)] * time.Second
	w.lag = between(0, w.scrape/2)
	w.now = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	w.next, w.nextDue = w.now.Add(between(0, w.scrape)), w.now.Add(between(time.Second, tile))
	for n := range 3 {
		p := &tilePartition{number: n - 1}
		w.partitions = append(w.partitions, p)
		w.counters = append(w.counters, w.countersOf(p)...)
	}
	w.restart(t)
	return w
}

// restart starts Prometheus on what it had.
func (w *tileWorld) restart(t *testing.T) {
	if w.server != nil {
		if err := w.server.DB.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if w.server, err = simtime.Open(t.Context(), w.dir, w.files, tsdb.DefaultOptions()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.server.DB.Close() })
	w.pending, w.shown = nil, map[string]*simtime.Series{}
	if err := w.evaluate(t, w.nextDue.Add(-w.tile)); err != nil { // not due: the rest of an interval has begun
		t.Fatal(err)
	}
}

func (w *tileWorld) evaluate(t *testing.T, at time.Time) error {
	group := map[time.Duration][]string{
		time.Minute: {objectives.name}, 5 * time.Minute: {volumes.name, objectiveTiles.name},
	}[w.tile]
	return w.server.Evaluate(t.Context(), at, 0, group...)
}

// run lets the time pass.
func (w *tileWorld) run(t *testing.T) {
	for end := w.now.Add(tilesLast); w.now.Before(end) && !t.Failed(); {
		w.now = w.next
		if w.nextDue.Before(w.now) {
			w.now = w.nextDue
		}
		if len(w.pending) > 0 && !w.pending[0].commit.After(w.now) {
			w.now = w.pending[0].commit
		}
		switch {
		case len(w.pending) > 0 && w.now.Equal(w.pending[0].commit):
			w.commit(t, w.pending[0])
			w.pending = w.pending[1:]
		case w.now.Equal(w.next):
			w.live(t)
			if !w.now.Before(w.outage) {
				w.pending = append(w.pending, w.snapshot())
			}
			w.next = w.next.Add(w.scrape)
		default:
			w.due(t)
			w.nextDue = w.nextDue.Add(w.tile)
			w.missed = !w.startsOver() && w.random.IntN(12) == 0
		}
	}
}

// due handles the time of an evaluation.
func (w *tileWorld) due(t *testing.T) {
	if w.missed || w.now.Before(w.outage) {
		w.note("evaluation missed")
		return
	}
	if err := w.evaluate(t, w.now); err != nil {
		t.Fatal(err)
	}
	err := w.server.Scrape(t.Context(), w.now, func(add simtime.Append) error {
		for _, c := range w.counters {
			if !c.known(w.now, w.tile) {
				continue
			}
			for _, f := range w.follows {
				if !f.reads(c.labels) {
					continue
				}
				b := labels.NewBuilder(c.labels).Set("__name__", "reference:"+f.tally)
				if err := add(&simtime.Series{Labels: b.Labels()}, c.reference); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range w.sums {
		s.check(t, w, w.now)
	}
	w.evaluated = w.now
	w.settle()
}

// commit writes a scrape, and stale markers of what is no longer shown.
func (w *tileWorld) commit(t *testing.T, s tileScrape) {
	now := map[string]*simtime.Series{}
	for _, c := range w.counters {
		_, there := s.values[c]
		c.shown = there || c.shown && len(w.shown) == 0 // after a restart nobody knows what is no longer shown
	}
	err := w.server.Scrape(t.Context(), s.at, func(add simtime.Append) error {
		for c, v := range s.values {
			c.see(s.at, v)
			pod := fmt.Sprint("p", s.moves[c.tilePartition])
			l := labels.NewBuilder(c.labels).Set("pod", pod).Set("node", "of-"+pod).Labels()
			series := cmp.Or(w.shown[l.String()], &simtime.Series{Labels: l})
			now[l.String()] = series
			if err := add(series, v); err != nil {
				return err
			}
		}
		for id, series := range w.shown {
			if now[id] == nil {
				if err := add(series, simtime.Stale); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.shown = now
}

func (w *tileWorld) note(what string) { w.log = append(w.log, w.now.Format(time.TimeOnly)+" "+what) }

func (w *tileWorld) lately() []string { return w.log[max(0, len(w.log)-8):] }
