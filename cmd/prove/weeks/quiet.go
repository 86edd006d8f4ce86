package weeks

import (
	"context"
	"fmt"
	"strings"
	"time"

	belfryrules "belfry/rules"
	"belfry/rules/settings"
	"belfry/rules/simtime"
)

// plan sets the length of a quiet run: days of history for rules that look back,
// then days in which every group is evaluated at its interval.
type plan struct {
	history, watched time.Duration
	// coarse is the step in the history, fine that in the watched days.
	coarse, fine time.Duration
}

var threeWeeks = plan{
	history: 14 * 24 * time.Hour, watched: 7 * 24 * time.Hour, coarse: 20 * time.Second, fine: 10 * time.Second,
}

// quietReport holds what fired although nothing was wrong.
type quietReport struct {
	plan
	restart time.Time
	fired   []simtime.Firing
	series  int
}

// quiet simulates normal days, or days with faults in tests of the proof. In the
// middle of the watched days the exporter restarts: it is down for 20 s and hides
// its business families for another two minutes.
func quiet(ctx context.Context, dir string, seed uint64, p plan, faults ...fault) (*quietReport, error) {
	platform := newPlatform(seed, faults)
	h, err := newHistory(ctx, dir, platform)
	if err != nil {
		return nil, err
	}
	defer h.DB.Close()
	begin := monday(4)
	watch := begin.Add(p.history)
	restart := watch.Add(p.watched / 2).Truncate(time.Minute)
	h.down = between(restart, 20*time.Second)
	h.hidden = between(restart, 140*time.Second)

	if err := h.run(ctx, begin, watch, p.coarse, historyGroups...); err != nil {
		return nil, err
	}
	end := watch.Add(p.watched)
	if err := h.run(ctx, watch, end, p.fine); err != nil {
		return nil, err
	}
	return &quietReport{plan: p, restart: restart, fired: h.Fired(end), series: len(platform.all)}, nil
}

// historyGroups names the groups whose series other rules read over days.
var historyGroups = []string{
	"notification_delivery", "notification_slo", "notification_slo_tiles",
	"notification_volumes", "notification_days", "notification_seasons",
}

func between(from time.Time, length time.Duration) func(time.Time) bool {
	return func(t time.Time) bool { return !t.Before(from) && t.Before(from.Add(length)) }
}

// Err returns an error if anything paged, or if there was more than one warning a
// week.
func (r *quietReport) Err() error {
	var wrong []string
	warnings := 0
	for _, f := range r.fired {
		switch settings.Severity(f.Labels.Get("severity")) {
		case settings.Critical, settings.Emergency:
			wrong = append(wrong, "it paged: "+describe(f))
		case settings.Warning:
			warnings++
		}
	}
	if allowed := max(1, int(r.watched/(7*24*time.Hour))); warnings > allowed {
		wrong = append(wrong, fmt.Sprintf("%d warnings in %s: at most %d are allowed", warnings, days(r.watched),
			allowed))
	}
	return join(wrong)
}

func (r *quietReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "quiet: %d series, %s of history, then all rules for %s, a restart at %s\n",
		r.series, days(r.history), days(r.watched), r.restart.Format(time.DateTime))
	for _, f := range r.fired {
		if alertName(f) != belfryrules.Watchdog.Name {
			fmt.Fprintf(&b, "  %s\n", describe(f))
		}
	}
	fmt.Fprintf(&b, "  %d alerts fired beside the watchdog, ", len(r.fired)-1)
	return b.String()
}

func days(d time.Duration) string { return fmt.Sprintf("%.4g days", d.Hours()/24) }
