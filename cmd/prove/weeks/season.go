package weeks

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"belfry/deploy/stack"
	"belfry/exporter/catalog"
	belfryrules "belfry/rules"
	"belfry/rules/promapi"
	"belfry/rules/simtime"
)

// trial is a change of one channel's traffic that an alert must notice.
type trial struct {
	what  string
	fault fault
	alert belfryrules.Alert
}

// seasonReport is what the seasonal alerts said in a week with three faults.
type seasonReport struct {
	trials []trial
	spells []simtime.Spell
	// violations are the minutes, by alert and channel, in which a real
	// Prometheus finds the alerts' own expressions true.
	violations map[string][]time.Time
}

// tolerance is how long after a fault the alerts may still fire: the five
// minutes of the rate and the time that they outlive their condition.
const tolerance = 25 * time.Minute

// seasonal lets two weeks pass and then a few days with faults. Monday mornings
// among them, whose traffic is nearly twice Sunday's, are none.
func seasonal(ctx context.Context, dir string, seed uint64) (*seasonReport, error) {
	begin := monday(4)
	tuesday := begin.AddDate(0, 0, 15)
	at := func(hour int) time.Time { return tuesday.Add(time.Duration(hour) * time.Hour) }
	r := &seasonReport{trials: []trial{
		{"outage", fault{"push", at(10), at(11), 0}, belfryrules.VolumeLow},
		{"halving", fault{"email", at(14), at(15), 0.5}, belfryrules.VolumeLow},
		{"spike ×3", fault{"sms", at(17), at(18), 3}, belfryrules.VolumeHigh},
	}}
	var faults []fault
	for _, t := range r.trials {
		faults = append(faults, t.fault)
	}
	h, err := newHistory(ctx, dir, newPlatform(seed, faults))
	if err != nil {
		return nil, err
	}
	defer h.DB.Close()
	// The bands are there from the ninth day on, a weekend and a Monday morning before the faults.
	end := tuesday.AddDate(0, 0, 2)
	if err := h.run(ctx, begin, end, 30*time.Second, "notification_delivery", "notification_seasons"); err != nil {
		return nil, err
	}
	r.spells = h.Fired(end)
	if err := h.DB.Close(); err != nil {
		return nil, err
	}
	r.violations, err = ask(ctx, dir, begin.AddDate(0, 0, 8), end)
	return r, err
}

// ask starts a real Prometheus on the history and evaluates the alerts' own
// expressions over it, minute by minute.
func ask(ctx context.Context, dir string, from, to time.Time) (map[string][]time.Time, error) {
	programs, err := stack.Ensure(ctx, "", os.Stderr, stack.Prometheus)
	if err != nil {
		return nil, err
	}
	port, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte("storage: {tsdb: {retention: {time: 400d}}}\n"), 0o644); err != nil {
		return nil, err
	}
	server, err := stack.StartPrometheus(ctx, stack.Options{
		Binary: programs[stack.Prometheus], ConfigFile: config, DataDir: simtime.DataDir(dir), Port: port, LogFile: filepath.Join(dir, "prometheus.log"),
	})
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	api, err := promapi.New(server.URL, promapi.Options{})
	if err != nil {
		return nil, err
	}
	found := map[string][]time.Time{}
	for _, a := range []belfryrules.Alert{belfryrules.VolumeLow, belfryrules.VolumeHigh} {
		for day := from; day.Before(to); day = day.AddDate(0, 0, 5) { // 7,200 points of at most 11,000
			if err := violations(ctx, api, a, day, day.AddDate(0, 0, 5), found); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// violations adds the minutes in which the alert's expression is true.
func violations(
	ctx context.Context, api v1.API, a belfryrules.Alert, from, to time.Time, found map[string][]time.Time,
) error {
	matrix, err := promapi.QueryRange(ctx, api, a.Expr.String(), v1.Range{Start: from, End: to, Step: time.Minute})
	if err != nil {
		return fmt.Errorf("query %s: %w", a.Name, err)
	}
	for _, series := range matrix {
		key := a.Name + "/" + string(series.Metric[model.LabelName(catalog.LabelChannel.Name)])
		for _, v := range series.Values {
			found[key] = append(found[key], v.Timestamp.Time().UTC())
		}
	}
	return nil
}

// Err says which fault was not noticed, and what else was.
func (r *seasonReport) Err() error {
	var wrong []string
	for _, t := range r.trials {
		if r.noticed(t) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s of %s: %s did not fire", t.what, t.fault.channel, t.alert.Name))
		}
		if n := r.minutes(t); n < 45 {
			wrong = append(wrong, fmt.Sprintf("%s of %s: a real Prometheus finds %s true for %d minutes of 60", t.what, t.fault.channel, t.alert.Name, n))
		}
	}
	for _, s := range r.false() {
		wrong = append(wrong, "it fired on a normal day: "+describe(s))
	}
	return join(wrong)
}

// noticed is how long after its beginning the fault's alert fired, 0 if never.
func (r *seasonReport) noticed(t trial) time.Duration {
	for _, s := range of(r.spells, t.alert) {
		if t.explains(s) {
			return s.From.Sub(t.fault.from)
		}
	}
	return 0
}

// explains reports whether the fault is why the alert fired.
func (t trial) explains(s simtime.Spell) bool {
	return s.Labels.Get(catalog.LabelChannel.Name) == t.fault.channel &&
		s.From.After(t.fault.from) && s.From.Before(t.fault.to.Add(tolerance))
}

func (r *seasonReport) minutes(t trial) int {
	n := 0
	for _, minute := range r.violations[t.alert.Name+"/"+t.fault.channel] {
		if minute.After(t.fault.from) && minute.Before(t.fault.to) {
			n++
		}
	}
	return n
}

// false are the seasonal alerts that fired outside the faults. What a fault
// leaves behind does not count: the same hours a day later are compared with it.
func (r *seasonReport) false() []simtime.Spell {
	return slices.DeleteFunc(of(r.spells, belfryrules.VolumeLow, belfryrules.VolumeHigh), func(s simtime.Spell) bool {
		return slices.ContainsFunc(r.trials, func(t trial) bool { return t.explains(s) })
	})
}

func (r *seasonReport) String() string {
	var b strings.Builder
	b.WriteString("season:\n")
	for _, t := range r.trials {
		fmt.Fprintf(&b, "  %-9s of %-6s %s fires after %s; a real Prometheus finds it true in %d of 60 minutes\n",
			t.what, t.fault.channel, t.alert.Name, r.noticed(t), r.minutes(t))
	}
	fmt.Fprintf(&b, "  %d false alarms otherwise, a Monday morning among them, ", len(r.false()))
	return b.String()
}
