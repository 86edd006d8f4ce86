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

// plan is how long a quiet run is: days of history that only lay the ground for
// what looks back, and days in which every group is evaluated at its interval.
type plan struct {
	ground, watched time.Duration
	// coarse is the step of the ground, fine that of the days that are watched.
	coarse, fine time.Duration
}

var threeWeeks = plan{ground: 14 * 24 * time.Hour, watched: 7 * 24 * time.Hour, coarse: 20 * time.Second, fine: 10 * time.Second}

// quietReport is what fired although nothing was wrong.
type quietReport struct {
	plan
	restart time.Time
	spells  []simtime.Spell
	series  int
}

// quiet runs normal days, or days with faults for a test of itself. In the
// middle of those that are watched the exporter restarts: it is gone for 20 s and
// hides its business families for two minutes.
func quiet(ctx context.Context, dir string, seed uint64, p plan, faults ...fault) (*quietReport, error) {
	platform := newPlatform(seed, faults)
	h, err := newHistory(ctx, dir, platform)
	if err != nil {
		return nil, err
	}
	defer h.DB.Close()
	begin := monday(4)
	watch := begin.Add(p.ground)
	restart := watch.Add(p.watched / 2).Truncate(time.Minute)
	h.down = between(restart, 20*time.Second)
	h.hidden = between(restart, 140*time.Second)

	if err := h.run(ctx, begin, watch, p.coarse, layingGround...); err != nil {
		return nil, err
	}
	end := watch.Add(p.watched)
	if err := h.run(ctx, watch, end, p.fine); err != nil {
		return nil, err
	}
	return &quietReport{plan: p, restart: restart, spells: h.Fired(end), series: len(platform.all)}, nil
}

// layingGround are the groups whose series others look back on for days.
var layingGround = []string{
	"notification_delivery", "notification_slo", "notification_slo_tiles", "notification_volumes", "notification_days", "notification_seasons",
}

func between(from time.Time, length time.Duration) func(time.Time) bool {
	return func(t time.Time) bool { return !t.Before(from) && t.Before(from.Add(length)) }
}

// Err says what fired that must not: anything that pages, and more than one
// warning a week.
func (r *quietReport) Err() error {
	var wrong []string
	warnings := 0
	for _, s := range r.spells {
		switch settings.Severity(s.Labels.Get("severity")) {
		case settings.Critical, settings.Emergency:
			wrong = append(wrong, "it paged: "+describe(s))
		case settings.Warning:
			warnings++
		}
	}
	if allowed := max(1, int(r.watched/(7*24*time.Hour))); warnings > allowed {
		wrong = append(wrong, fmt.Sprintf("%d warnings in %s, at most %d is quiet", warnings, days(r.watched), allowed))
	}
	return join(wrong)
}

func (r *quietReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "quiet: %d series, %s of history, then all rules for %s, a restart at %s\n",
		r.series, days(r.ground), days(r.watched), r.restart.Format(time.DateTime))
	for _, s := range r.spells {
		if alert(s) != belfryrules.Watchdog.Name {
			fmt.Fprintf(&b, "  %s\n", describe(s))
		}
	}
	fmt.Fprintf(&b, "  %d other alerts fired, ", len(r.spells)-1)
	return b.String()
}

func days(d time.Duration) string { return fmt.Sprintf("%.4g days", d.Hours()/24) }
