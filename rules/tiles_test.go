package rules

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

var tilesSeeds = flag.Uint64("tiles.seeds", 2,
	"how many random pasts TestTilesAddUp tries, for each length of tile")

// The tiles of any period add up to what the counters have grown by, to the
// unit: whenever scrapes and evaluations happen, through gaps, births, moves of
// a partition, counters that start over and outages of Prometheus.
func TestTilesAddUp(t *testing.T) {
	set := tiled(t)
	for seed := range *tilesSeeds {
		for _, tile := range []time.Duration{time.Minute, 5 * time.Minute} {
			t.Run(fmt.Sprintf("%s tiles, seed %d", tile, seed), func(t *testing.T) {
				t.Parallel()
				w := newTileWorld(t, set, tile, seed)
				w.run(t)
				if w.recorded == 0 {
					t.Error("no tile was recorded")
				}
				t.Logf("scrape %s, committed after %s: %d tiles of %d series",
					w.scrape, w.lag, w.recorded, len(w.counters))
			})
		}
	}
}

// tiled returns the shipped rules with objectives of an installation's own.
func tiled(t *testing.T) *Set {
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(`
slos:
  - name: arrival
    title: arrival
    team: delivery
    objective: 0.99
    per: channel
    total: {metric: notification_stage_total, match: {stage: sent}}
    good: {metric: notification_stage_total, match: {stage: delivered}}
    min_bad: 10
  - name: crm
    title: the CRM
    team: delivery
    objective: 0.99
    total: {metric: notification_service_requests_total}
    bad: {metric: notification_service_requests_total, match: {outcome: error}}
    min_bad: 10
`), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := settings.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	set, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// tileFiles returns the set's files with the rules of tallies and of their tiles
// alone, which saves time.
func tileFiles(t *testing.T, set *Set) map[string][]byte {
	files, err := set.Files()
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range files {
		var file struct {
			Groups []struct {
				Name, Interval string
				Rules          []map[string]any
			}
		}
		if err := yaml.Unmarshal(content, &file); err != nil {
			t.Fatal(err)
		}
		for i, g := range file.Groups {
			file.Groups[i].Rules = slices.DeleteFunc(g.Rules, func(rule map[string]any) bool {
				return rule["record"] == nil || !strings.Contains(fmt.Sprint(rule["record"], rule["expr"]), "series:")
			})
		}
		if files[path], err = yaml.Marshal(file); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// tileSum compares what the tiles of one record have added up to with what was
// counted.
type tileSum struct {
	record  expr.Recorded
	counted string // PromQL: what the tiles should have added up to
	whole   bool   // the tiles are integers
	growing bool   // the tiles are never negative
	sums    map[string]float64
}

// tallyIncrease matches [expr.Tally.Increase] in PromQL.
var tallyIncrease = regexp.MustCompile(strings.ReplaceAll(
	`series:(\w+):last\w+(MATCHERS) - \(last_over_time\(series:\w+:start\w+\[1s\]\) or `+
		`last_over_time\(series:\w+:last\w+\[1h\] offset 1s\)\)`, "MATCHERS", `(?:{[^}]*})?`))

// tallyPresence matches what a zero is filled in for.
var tallyPresence = regexp.MustCompile(`series:(\w+):last\w+({[^}]*})`)

// tileSums returns the records that are made of tallies.
func tileSums(t *testing.T, set *Set, tile time.Duration) []*tileSum {
	var all []*tileSum
	for _, r := range set.Records {
		if r.Every != tile || r.Internal || !strings.Contains(r.Definition.String(), "series:") {
			continue
		}
		counted := tallyIncrease.ReplaceAllString(r.Definition.String(), "reference:$1$2")
		counted = tallyPresence.ReplaceAllString(counted, "reference:$1$2")
		if strings.Contains(counted, "series:") {
			t.Fatalf("%s reads a tally otherwise than by its increase: %s", r.Name, counted)
		}
		all = append(all, &tileSum{
			record: r, counted: counted, whole: r.Unit != catalog.UnitMoney,
			growing: !strings.Contains(counted, "-"), sums: map[string]float64{},
		})
	}
	return all
}

// check adds the tiles of an evaluation and compares.
func (s *tileSum) check(t *testing.T, w *tileWorld, at time.Time) {
	for _, tile := range w.query(t, fmt.Sprintf("last_over_time(%s[1s])", s.record.Name), at) {
		key := tile.Metric.DropReserved(func(name string) bool { return name == "__name__" }).String()
		if _, known := s.sums[key]; !known {
			s.sums[key] = 0
		}
		s.sums[key] += tile.F
		w.recorded++
		if s.whole && tile.F != math.Trunc(tile.F) {
			t.Errorf("%s: %s%s is %v, not a whole number", at.Format(time.TimeOnly), s.record.Name, key, tile.F)
		}
		if s.growing && tile.F < 0 {
			t.Errorf("%s: %s%s is %v, and counters do not shrink", at.Format(time.TimeOnly), s.record.Name, key, tile.F)
		}
	}
	var wrong []error
	for _, counted := range w.query(t, s.counted, at) {
		key := counted.Metric.DropReserved(func(name string) bool { return name == "__name__" }).String()
		off := s.sums[key] - counted.F
		if s.whole && off != 0 || math.Abs(off) > 1e-6 {
			wrong = append(wrong, fmt.Errorf("%s%s: the tiles add up to %v, counted were %v",
				s.record.Name, key, s.sums[key], counted.F))
			s.sums[key] = counted.F
		}
	}
	if err := errors.Join(wrong...); err != nil {
		t.Errorf("%s:\n%v\nbefore:\n%s", at.Format(time.TimeOnly), err, strings.Join(w.lately(), "\n"))
	}
}

// query evaluates an instant query.
func (w *tileWorld) query(t *testing.T, promQL string, at time.Time) promql.Vector {
	q, err := w.engine.NewInstantQuery(t.Context(), w.server.DB, nil, promQL, at)
	if err != nil {
		t.Fatalf("%s: %v", promQL, err)
	}
	defer q.Close()
	v, err := q.Exec(t.Context()).Vector()
	if err != nil {
		t.Fatalf("%s: %v", promQL, err)
	}
	return slices.Clone(v)
}

// followed holds a tally's counter as its rule selects it.
type followed struct {
	tally string
	*parser.VectorSelector
}

// followedCounters returns the counters of all tallies with tiles of one length.
func followedCounters(t *testing.T, set *Set, tile time.Duration) []followed {
	var all []followed
	for _, r := range set.Records {
		tally, last := strings.CutPrefix(r.Name, "series:")
		tally, operation, _ := strings.Cut(tally, ":")
		if !last || r.Every != tile || !strings.HasPrefix(operation, "last") {
			continue
		}
		parsed, err := parser.NewParser(parser.Options{}).ParseExpr(r.Definition.String())
		if err != nil {
			t.Fatal(err)
		}
		parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
			if s, ok := n.(*parser.VectorSelector); ok {
				all = append(all, followed{tally, s})
			}
			return nil
		})
	}
	return all
}

// reads reports whether the tally follows the series.
func (f followed) reads(series labels.Labels) bool {
	for _, m := range f.LabelMatchers {
		if !m.Matches(series.Get(m.Name)) {
			return false
		}
	}
	return true
}
