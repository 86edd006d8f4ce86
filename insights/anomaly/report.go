package anomaly

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// sorted returns the watches by channel and name, without those of which there is nothing
// to say.
func (w *Watcher) sorted() []*watch {
	keys := slices.SortedFunc(maps.Keys(w.detectors), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	all := make([]*watch, 0, len(keys))
	for _, k := range keys {
		if o := w.detectors[k]; len(o.past) > 0 && o.heard {
			all = append(all, o)
		}
	}
	return all
}

// report says how the series is.
func (o *watch) report(now time.Time) Watched {
	r := Watched{
		Series: o.seen.Name, Channel: o.seen.Channel, At: o.last, Anomalous: o.verdict.Anomalous, Since: o.since,
		State: Normal, Reason: o.verdict.Reason, History: slices.Clone(o.past), Queries: o.seen.Queries,
		DecidedBy: ByInsights,
	}
	if o.seen.Banded {
		r.DecidedBy = ByRules
	}
	newest := o.past[len(o.past)-1]
	r.Value, r.Expected, r.Lower, r.Upper = &newest.Value, newest.Expected, newest.Lower, newest.Upper
	if o.verdict.Known {
		r.Score = &o.verdict.Score
	}
	switch reason, stopped := o.detector.Missing(now); {
	case stopped:
		r.State, r.Reason, r.Anomalous = NoneLately, reason, true
		r.Since, r.Value = &o.last, nil
	case o.verdict.Anomalous:
		r.State = IsAnomaly
	case o.verdict.Reason == ReasonWarmUp:
		r.State, r.Reason = WarmingUp, "less than 20 % of a week is known"
	case !o.verdict.Known:
		r.State = NotEnough
	}
	return r
}

// Alerts reports whether the service raises its anomaly flag for the series: the alert
// AnomalyDetected reads it. Where the rules have a band in force, only they alert.
func (w Watched) Alerts() bool { return w.Anomalous && w.DecidedBy == ByInsights }
