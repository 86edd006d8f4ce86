package experiment

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"belfry/insights/strictjson"
)

// maxInput limits the input of Decode, in bytes.
const maxInput = 16 << 20

// Decode reads a trial as JSON, see README.md. now stands for a missing time. The
// error has a line for each mistake.
func Decode(r io.Reader, now time.Time) (Trial, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return Trial{}, err
	}
	if len(text) > maxInput {
		return Trial{}, fmt.Errorf("the input exceeds %d MiB: an experiment takes a few kilobytes", maxInput>>20)
	}
	var t Trial
	d := strictjson.Decode(text, &t)
	if d.Broken() {
		return t, d.Err()
	}
	t.needed(d)
	if t.Now.IsZero() {
		t.Now = now
	}
	t.check(func(path, format string, args ...any) {
		if !doubtful(d, path) {
			d.Wrong(path, format, args...)
		}
	})
	return t, d.Err()
}

// doubtful reports whether a sum was compared with a number that could not be read.
func doubtful(d *strictjson.Document, path string) bool {
	arm, metric, ok := strings.Cut(path, ".metrics")
	if !ok {
		return false
	}
	if i := strings.LastIndexByte(metric, '.'); i > 0 && d.Mistaken(arm+".metrics"+metric[:i]) {
		return true
	}
	return strings.HasSuffix(metric, ".n") && d.Mistaken(arm+".users")
}

// needed checks that what has no default is given.
func (t *Trial) needed(d *strictjson.Document) {
	d.Needed("arms", `write the counts of each arm, such as {"a": {"users": 1000, "metrics": {…}}, "b": …}`)
	d.Needed("control", "name the arm that the others are compared with")
	d.Needed("primary", "name the metric that decides")
	for key, value := range map[string]float64{
		"alpha": t.Alpha, "planned_users": float64(t.PlannedUsers), "target_effect": t.TargetEffect,
	} {
		if d.Has(key) && value == 0 {
			d.Wrong(key, "0 is out of range: use more than 0, or leave it out")
		}
	}
	for i := range t.Guardrails {
		d.Needed(fmt.Sprintf("guardrails[%d].metric", i), "name the metric that must not be harmed")
	}
	for name, arm := range t.Arms {
		path := strictjson.Path("arms", name)
		d.Needed(path+".users", "write how many users the arm has")
		if arm.Users > 0 {
			d.Needed(path+".metrics", "write the sums of each metric")
			t.neededMetrics(d, arm, path+".metrics")
		}
		for metric, m := range arm.Metrics {
			m.needed(d, strictjson.Path(path+".metrics", metric))
		}
	}
}

// neededMetrics checks that an arm with users has the metrics that others have.
func (t *Trial) neededMetrics(d *strictjson.Document, arm Arm, path string) {
	for _, other := range slices.Sorted(maps.Keys(t.Arms)) {
		for metric := range t.Arms[other].Metrics {
			if _, ok := arm.Metrics[metric]; !ok {
				d.Wrong(strictjson.Path(path, metric), "is missing: arm %s has it", other)
			}
		}
	}
}

// keysOf holds the keys of each kind of metric.
var keysOf = map[Kind][]string{
	Proportion: {"x"},
	Mean:       {"sum", "sum_squares"},
	Ratio:      {"num_sum", "num_sumsq", "den_sum", "den_sumsq", "cross"},
}

// needed checks that a metric has the keys of its kind, and no others.
func (m Metric) needed(d *strictjson.Document, path string) {
	if !d.Needed(path+".kind", "use proportion, mean or ratio") {
		return
	}
	d.Needed(path+".n", "write the number of users")
	for kind, keys := range keysOf {
		for _, key := range keys {
			switch {
			case kind == m.Kind:
				d.Needed(path+"."+key, fmt.Sprintf("a %s has it", kind))
			case d.Has(path+"."+key) && keysOf[m.Kind] != nil:
				has := append([]string{"n"}, keysOf[m.Kind]...)
				d.Wrong(path+"."+key, "a %s has none: it has %s", m.Kind, list(has))
			}
		}
	}
	if m.Covariate == nil {
		return
	}
	needed := []string{"sum", "sum_squares", "cross_num"}
	if m.Kind == Ratio {
		needed = append(needed, "cross_den")
	} else if d.Has(path + ".covariate.cross_den") {
		d.Wrong(path+".covariate.cross_den", "only a ratio has it")
	}
	for _, key := range needed {
		d.Needed(path+".covariate."+key, fmt.Sprintf("the covariate of a %s has it", m.Kind))
	}
}

func list(keys []string) string {
	text := keys[0]
	for i, key := range keys[1:] {
		text += [...]string{", ", " and "}[max(0, i+3-len(keys))] + key
	}
	return text
}
