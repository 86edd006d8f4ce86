package metrics_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// shown returns the only cost that the table shows.
func shown(table *metrics.Table) float64 {
	return families(table, 0)[catalog.Cost.Name].Metric[0].Counter.GetValue()
}

// After any sequence of amounts a sum shows the float64 next to the exact sum of the
// float64s that were added, and it has never fallen. The amounts span all that an
// event may carry, and tiny ones follow huge ones.
func TestSumsOfAmountsAreExact(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		table := metrics.NewTable(metrics.Options{})
		exact, before := new(big.Float).SetPrec(2000), 0.0
		for range 3000 {
			amount := random.Float64() * math.Pow(10, float64(random.IntN(30)-18))
			if random.IntN(4) == 0 {
				amount = math.Round(amount*100) / 100
			}
			table.Counter(catalog.Cost).Add(amount, 0, 0, 0)
			exact.Add(exact, big.NewFloat(amount))
			if random.IntN(50) == 0 {
				got := shown(table)
				if want, _ := exact.Float64(); got != want || got < before {
					t.Fatalf("seed %d: %v, want %v, before %v", seed, got, want, before)
				}
				before = got
			}
		}
	}
}

// A million small amounts on top of 10^12 add up to the cent. A plain float64 would
// have gained 366 in place of 400.
func TestASumOf1e12GainsEveryCent(t *testing.T) {
	const million = 1_000_000
	for _, amount := range []float64{0.0004, 0.0075, 0.01, 19.9} {
		table := metrics.NewTable(metrics.Options{})
		table.Counter(catalog.Cost).Add(1e12, 0, 0, 0)
		for range million {
			table.Counter(catalog.Cost).Add(amount, 0, 0, 0)
		}
		if gained, want := shown(table)-1e12, amount*million; math.Abs(gained-want) > 0.001 {
			t.Errorf("a million times %v: gained %v, want %v", amount, gained, want)
		}
	}
}

// A table that is stored and restored goes on to the last bit, and so does one that
// was stored before sums had two parts.
func TestSumsGoOnAfterARestore(t *testing.T) {
	steady := metrics.NewTable(metrics.Options{})
	add := func(table *metrics.Table, n int) {
		for range n {
			table.Counter(catalog.Cost).Add(0.1, 0, 0, 0)
			table.Counter(catalog.Cost).Add(1e9/3, 0, 0, 0)
		}
	}
	add(steady, 1000)
	image := steady.Image()
	restored, old := metrics.NewTable(metrics.Options{}), metrics.NewTable(metrics.Options{})
	if err := restored.Restore(image); err != nil {
		t.Fatal(err)
	}
	cost := image.Families[catalog.Cost.Name]
	cost.Rest = nil
	image.Families[catalog.Cost.Name], image.Exact = cost, false
	if err := old.Restore(image); err != nil {
		t.Fatal(err)
	}
	old.Settle()
	before := shown(steady)
	for _, table := range []*metrics.Table{steady, restored, old} {
		add(table, 1000)
	}
	if got, want := shown(restored), shown(steady); got != want {
		t.Errorf("restored: %v, want %v", got, want)
	}
	if got, want := shown(old), shown(steady); math.Abs(got-want) > 0.001 || got < before {
		t.Errorf("restored from an older image: %v, want %v", got, want)
	}
}

// Until it settles, a table of an older image adds up as the older version did, new
// series included, also after another restore.
func TestOlderSumsGoOnAsTheyWere(t *testing.T) {
	table := metrics.NewTable(metrics.Options{})
	if err := table.Restore(&metrics.Image{Symbols: table.Image().Symbols}); err != nil {
		t.Fatal(err)
	}
	plain := 0.0
	for i := range 1000 {
		if i == 500 {
			image := table.Image()
			table = metrics.NewTable(metrics.Options{})
			if err := table.Restore(image); err != nil {
				t.Fatal(err)
			}
		}
		table.Counter(catalog.Cost).Add(0.1, 0, 0, 0)
		plain += 0.1
	}
	if got := shown(table); got != plain {
		t.Errorf("%v, want %v as before", got, plain)
	}
	table.Settle()
	if got := shown(table); got != plain {
		t.Errorf("settled: %v, want %v", got, plain)
	}
	for range 1000 {
		table.Counter(catalog.Cost).Add(0.1, 0, 0, 0)
	}
	if got, want := shown(table), plain+100; math.Abs(got-want) > 1e-12 {
		t.Errorf("after it has settled: %v, want %v", got, want)
	}
}
