package cases_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/tsdb"

	"belfry/cmd/prove/rules/cases"
	"belfry/rules/simtime"
)

// BenchmarkEdit tries one edit of a rule on one case, with this package and with
// package simtime. It shows why this package evaluates rules itself: the proof
// tries each edit of hundreds of rules on every case that may notice it.
func BenchmarkEdit(b *testing.B) {
	const before, after = "rate1m < 1\n", "rate1m < 2\n"
	original, err := os.ReadFile("testdata/rules.yaml")
	if err != nil {
		b.Fatal(err)
	}
	edited := []byte(strings.Replace(string(original), before, after, 1))
	rules, f := load(b, "testdata/rules.yaml"), readFile(b, "testdata/cases.yaml")
	run, err := rules.Run(b.Context(), f.Cases[0])
	if err != nil {
		b.Fatal(err)
	}
	others, err := cases.Load(map[string][]byte{"rules.yaml": edited})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("here", func(b *testing.B) {
		for b.Loop() {
			if err := run.Catches(b.Context(), others.Named("Slow")); err == nil {
				b.Fatal("the edit is not noticed")
			}
		}
	})
	b.Run("in simulated time", func(b *testing.B) {
		for b.Loop() {
			server, err := simtime.Open(b.Context(), b.TempDir(), map[string][]byte{"rules.yaml": edited},
				tsdb.DefaultOptions())
			if err != nil {
				b.Fatal(err)
			}
			err = run.Each(func(at time.Time, show func(simtime.Append) error) error {
				if err := server.Scrape(b.Context(), at, show); err != nil {
					return err
				}
				return server.Evaluate(b.Context(), at, 0)
			})
			if err != nil {
				b.Fatal(err)
			}
			if err := server.DB.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
