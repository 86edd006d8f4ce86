package metrics_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/prometheus/common/expfmt"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// wide returns a table with about the given number of series, in a realistic mix:
// mostly counters, and some histograms.
func wide(series int) *metrics.Table {
	table := metrics.NewTable(metrics.Options{
		SetLimits: map[*catalog.Family]int{
			catalog.Stages.Family: series, catalog.TemplateStages.Family: series,
			catalog.DeliveryLatency.Family: series,
		},
		LabelLimits: map[*catalog.Label]int{
			catalog.LabelTemplate: series, catalog.LabelCategory: series, catalog.LabelProvider: series,
		},
	})
	channel := table.Label(catalog.LabelChannel).Of("email")
	for shown := 0; shown < series; {
		n := shown
		template := table.Label(catalog.LabelTemplate).Of(fmt.Sprint("t", n))
		provider := table.Label(catalog.LabelProvider).Of(fmt.Sprint("p", n))
		for stage := range catalog.NumStages {
			table.Counter(catalog.TemplateStages).Add(float64(n+stage), metrics.Symbol(stage), template, channel)
		}
		for i := range 20 {
			table.Histogram(catalog.DeliveryLatency).Observe(float64(i)*0.37, channel, provider, 0)
		}
		shown += catalog.NumStages + catalog.DeliveryLatency.SeriesPerSet()
	}
	return table
}

// BenchmarkScrape measures a whole scrape: the snapshot, for which the fold waits,
// and the encoded exposition, for which it does not.
func BenchmarkScrape(b *testing.B) {
	for _, series := range []int{10_000, 100_000} {
		table := wide(series)
		b.Run(fmt.Sprintf("snapshot/series=%d", series), func(b *testing.B) {
			for b.Loop() {
				table.Snapshot()
			}
		})
		var exposition metrics.Exposition
		for _, format := range []expfmt.Format{
			expfmt.NewFormat(expfmt.TypeTextPlain), expfmt.NewFormat(expfmt.TypeProtoDelim),
		} {
			b.Run(fmt.Sprintf("%s/series=%d", formatName(format), series), func(b *testing.B) {
				for b.Loop() {
					out := expfmt.NewEncoder(io.Discard, format)
					parts := []metrics.Part{{Partition: "0", Snapshot: table.Snapshot()}}
					for _, f := range exposition.Families(parts) {
						if err := out.Encode(f); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}

func formatName(f expfmt.Format) string {
	if f.FormatType() == expfmt.TypeProtoDelim {
		return "protobuf"
	}
	return "text"
}
