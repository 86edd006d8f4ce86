package weeks

import (
	"context"
	"fmt"
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

// trial pairs a fault with the alert that must notice it.
type trial struct {
	what  string
	fault fault
	alert belfryrules.Alert
}

// seasonReport holds when the seasonal alerts fired in a week with three faults.
type seasonReport struct {
	trials []trial
	fired  []simtime.Firing
	// violations has the minutes in which a real Prometheus finds an alert's
	// expression true, by alert and channel.
	violations map[string][]time.Time
}

// tolerance limits how long after a fault its alert may still fire: the five
// minutes of the rate, and the alert's keep_firing_for.
const tolerance = 25 * time.Minute

// seasonal simulates two weeks and then a few days with faults. A Monday morning,
// with nearly twice the traffic of Sunday, is not a fault.
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
	r.fired = h.Fired(end)
	if err := h.DB.Close(); err != nil {
		return nil, err
	}
	r.violations, err = violations(ctx, dir, begin.AddDate(0, 0, 8), end)
	return r, err
}

// violations starts a real Prometheus on the history and evaluates the alerts'
// expressions on it, minute by minute.
func violations(ctx context.Context, dir string, from, to time.Time) (map[string][]time.Time, error) {
	server, err := stack.ServeBlocks(ctx, dir)
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
			if err := addViolations(ctx, api, a, day, day.AddDate(0, 0, 5), found); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// addViolations adds the minutes in which the alert's expression is true.
func addViolations(
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

// Err says which faults went unnoticed, and which alerts fired without a fault.
func (r *seasonReport) Err() error {
	var wrong []string
	for _, t := range r.trials {
		if r.noticed(t) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s of %s: %s did not fire", t.what, t.fault.channel, t.alert.Name))
		}
		if n := r.minutes(t); n < 45 {
			wrong = append(wrong, fmt.Sprintf("%s of %s: a real Prometheus finds %s true for %d minutes of 60",
				t.what, t.fault.channel, t.alert.Name, n))
		}
	}
	for _, f := range r.false() {
		wrong = append(wrong, "it fired without a fault: "+describe(f))
	}
	return join(wrong)
}

// noticed returns how long after the fault began its alert fired, or 0 if it did
// not.
func (r *seasonReport) noticed(t trial) time.Duration {
	for _, f := range firingsOf(r.fired, t.alert) {
		if t.explains(f) {
			return f.From.Sub(t.fault.from)
		}
	}
	return 0
}

// explains reports whether the alert fired because of the fault.
func (t trial) explains(f simtime.Firing) bool {
	return f.Labels.Get(catalog.LabelChannel.Name) == t.fault.channel &&
		f.From.After(t.fault.from) && f.From.Before(t.fault.to.Add(tolerance))
}

// minutes counts the minutes of the fault in which the alert's expression is true.
func (r *seasonReport) minutes(t trial) int {
	n := 0
	for _, minute := range r.violations[t.alert.Name+"/"+t.fault.channel] {
		if minute.After(t.fault.from) && minute.Before(t.fault.to) {
			n++
		}
	}
	return n
}

// false returns the seasonal alerts that fired without a fault.
func (r *seasonReport) false() []simtime.Firing {
	all := firingsOf(r.fired, belfryrules.VolumeLow, belfryrules.VolumeHigh)
	return slices.DeleteFunc(all, func(f simtime.Firing) bool {
		return slices.ContainsFunc(r.trials, func(t trial) bool { return t.explains(f) })
	})
}

func (r *seasonReport) String() string {
	var b strings.Builder
	b.WriteString("season:\n")
	for _, t := range r.trials {
		fmt.Fprintf(&b, "  %-9s of %-6s %s fired after %s; a real Prometheus finds it true in %d of 60 minutes\n",
			t.what, t.fault.channel, t.alert.Name, r.noticed(t), r.minutes(t))
	}
	fmt.Fprintf(&b, "  %d false alarms, ", len(r.false()))
	return b.String()
}
