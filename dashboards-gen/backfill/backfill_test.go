package backfill_test

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"belfry/dashboards-gen/backfill"
	"belfry/rules"
)

// Prometheus's own library reads every sample of every series that was written.
func TestBlocksAreReadable(t *testing.T) {
	to := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	names := []string{rules.StageVolume.Increase5m.Name, "up", "notification_delivery_latency_seconds_bucket"}
	year, err := backfill.PlanYear(names, to, 12*time.Hour, 10*time.Minute, 1e6)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	samples, err := year.Write(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := year.Samples(); int64(samples) < want*99/100 || int64(samples) > want*101/100 {
		t.Errorf("%d samples were written and about %d planned", samples, want)
	}
	db, err := tsdb.OpenDBReadOnly(dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	querier, err := db.Querier(0, to.UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	defer querier.Close()
	set := querier.Select(context.Background(), true, nil,
		labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+"))
	var series, read int
	for set.Next() {
		series++
		it := set.At().Iterator(nil)
		for last := int64(0); it.Next() == chunkenc.ValFloat; read++ {
			at, _ := it.At()
			if at <= last {
				t.Fatalf("%s goes back in time", set.At().Labels())
			}
			last = at
		}
		if err := it.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := set.Err(); err != nil {
		t.Fatal(err)
	}
	if series != len(year.Plans) || uint64(read) != samples {
		t.Errorf("read %d series with %d samples, wrote %d with %d", series, read, len(year.Plans), samples)
	}
}

// The platform is no smaller than the one of 8,000 series that the manual calls
// typical: what is measured on it is not too good.
func TestPlatformIsLargeEnough(t *testing.T) {
	n := backfill.Typical()
	if n < 8_000 || n > 80_000 {
		t.Errorf("the typical platform has %d series, want 8,000 to 80,000", n)
	}
}

// Every series that a rule records has an interval and labels, also those that
// are families of the catalogue.
func TestEveryRecordedSeriesCanBeMade(t *testing.T) {
	kinds := backfill.Kinds()
	for _, r := range rules.Recorded() {
		if k := kinds[r.Name]; k.Every == 0 || len(backfill.Make(k)) == 0 {
			t.Errorf("%s is made up as %+v", r.Name, k)
		}
	}
	files, err := rules.Files()
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range files {
		for _, m := range regexp.MustCompile(`(?m)^ +- record: (\S+)$`).FindAllSubmatch(content, -1) {
			if k, known := kinds[string(m[1])]; !known || !k.Recorded {
				t.Errorf("%s records %s, which the made-up past takes for scraped: %+v", path, m[1], k)
			}
		}
	}
}

func TestUnknownMetricIsRefused(t *testing.T) {
	if _, err := backfill.PlanYear([]string{"notification_gone"}, time.Now(), time.Hour, time.Minute, 1e6); err == nil {
		t.Error("an unknown metric was accepted")
	}
}
