package backfill

import (
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// Series is a series of a made-up past.
type Series struct {
	simtime.Series
	Kind  Kind
	value func(at int64) float64 // at milliseconds since 1970
}

// Value returns the value at a time.
func (s Series) Value(at time.Time) float64 { return s.value(at.UnixMilli()) }

// constant returns a series that always has the same value.
func constant(of labels.Labels, value float64) Series {
	return Series{Series: simtime.Series{Labels: of}, value: func(int64) float64 { return value }}
}

// Make makes up every series that the kind has on the typical platform.
func Make(k Kind) []Series {
	var all []Series
	for _, set := range k.sets() {
		s := Series{Kind: k, value: valueOf(k, set)}
		pairs := append(slices.Clone(set), labels.Label{Name: model.MetricNameLabel, Value: k.Name})
		if valueIn(set, expr.Job) == "" {
			pairs = append(pairs, labels.Label{Name: expr.Job.Name, Value: rules.Job})
		}
		if !k.Recorded && valueIn(set, catalog.LabelPartition) == "" && valueIn(set, expr.Instance) == "" {
			pairs = append(pairs, labels.Label{Name: expr.Instance.Name, Value: "belfry-exporter:9464"})
		}
		s.Labels = labels.New(pairs...)
		all = append(all, s)
	}
	return all
}

const day = 24 * time.Hour

// epoch is when counters begin, in milliseconds since 1970.
var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// valueOf returns a function of time with values of the right kind and size.
// Fractions are multiples of 1/256, which take less space than those of a real
// platform.
func valueOf(k Kind, set []labels.Label) func(at int64) float64 {
	seed := hash(k.Name)
	for _, pair := range set {
		seed = seed*31 + hash(pair.Value)
	}
	size := math.Exp2(float64(seed % 8)) // 1 to 128
	if k.Unit == catalog.UnitBytes {
		size *= 1 << 20
	}
	noise := func(at int64) float64 { return float64(mix(seed+uint64(at/1000))%256) / 256 }
	share := 0.02 + 0.9*float64(seed%97)/97
	for _, pair := range set {
		if pair.Name == "le" {
			bound, err := strconv.ParseFloat(pair.Value, 64)
			if err == nil {
				size = 64 * math.Min(1, 0.02+bound/60)
			}
		}
	}
	switch {
	case isFault(k.Name):
		return func(int64) float64 { return 0 }
	case k.Name == catalog.ExperimentVerdict.Name:
		return verdictOf(set)
	case strings.HasPrefix(k.Name, catalog.ExperimentEffect.Name):
		return effect(k.Name)
	case k.Counts:
		return func(at int64) float64 { return math.Floor(float64(at-epoch) / 1000 * size / 64) }
	case isFlag(k.Name):
		return func(int64) float64 { return 1 }
	case k.Unit == catalog.UnitTimestamp:
		return func(at int64) float64 { return float64(at/3600_000*3600) - 3600 }
	case k.Name == catalog.Objective.Name:
		return objective(valueIn(set, catalog.LabelObjective))
	case strings.Contains(k.Name, ":notification_objective:"):
		return objective(k.Name[strings.LastIndex(k.Name, ":")+1:])
	case k.Unit == catalog.UnitRatio || slices.Contains(probabilities, k.Name):
		return func(at int64) float64 { return math.Floor(256*math.Min(1, share*(0.9+noise(at)/5))) / 256 }
	case k.Unit == catalog.UnitNone:
		return func(at int64) float64 { return math.Floor(size * busy(at) * (0.8 + noise(at)/2.5)) }
	}
	return func(at int64) float64 { return math.Floor(256*size/16*busy(at)*(0.8+noise(at)/2.5)) / 256 }
}

func busy(at int64) float64 { return 2 * simtime.Busy(time.UnixMilli(at)) }

// probabilities lists gauges without a unit that are between 0 and 1.
var probabilities = []string{catalog.ExperimentPValue.Name, catalog.ExperimentSRM.Name, catalog.ExperimentChance.Name}

// isFlag reports whether the metric is 1 when all is well.
func isFlag(name string) bool {
	for _, end := range []string{"up", "ALERTS", "_ok", "_exposed", "_connected", "_successful", "_info", "_ready"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// verdictOf lets the arm b of one experiment win and that of the other do harm.
func verdictOf(set []labels.Label) func(int64) float64 {
	holds := 0.0
	won, verdict := valueIn(set, catalog.LabelExperiment) == experiments[0], valueIn(set, catalog.LabelVerdict)
	if valueIn(set, catalog.LabelVariant) != "control" && (won && verdict == "ship" || !won && verdict == "stop_harm") {
		holds = 1
	}
	return func(int64) float64 { return holds }
}

// effect returns an effect of 4 % that is still uncertain: between -1 and 9 %.
func effect(name string) func(int64) float64 {
	value := 0.04
	switch {
	case strings.HasSuffix(name, "_low"):
		value = -0.01
	case strings.HasSuffix(name, "_high"):
		value = 0.09
	}
	return func(int64) float64 { return value }
}

// isFault reports whether the metric counts faults of Belfry itself.
func isFault(name string) bool {
	for _, part := range []string{"_lost_", "_failures_", "_reconnects_", "_missed_", "_lag_", "_missing_", "_failed_",
		"_halted", "_anomaly"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

func objective(name string) func(int64) float64 {
	value := map[string]float64{"delivery_latency_threshold_seconds": 30, "delivery_latency": 0.95,
		"freshness": 0.999}[name]
	if value == 0 {
		value = 0.995
	}
	return func(int64) float64 { return value }
}

func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// mix is the finalizer of SplitMix64. It scatters neighboring numbers.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
