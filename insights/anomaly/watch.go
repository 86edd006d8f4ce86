package anomaly

import (
	"context"
	"sync"
	"time"

	"belfry/insights/query"
	"belfry/insights/series"
	"belfry/insights/watched"
)

// States of a watched series.
const (
	Normal     = "normal"
	IsAnomaly  = "anomaly"
	WarmingUp  = "warm-up"
	NotEnough  = "too little history"
	NoneLately = "stopped"
)

// Watched says how a watched series is now. Numbers are nil where nothing is known.
type Watched struct {
	Series  string `json:"series"`
	Channel string `json:"channel"`
	// State is one of the states, and Reason explains it.
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Anomalous reports an anomaly. DecidedBy says who alerts on the series: insights, or
	// the rules where their own band is in force.
	Anomalous bool   `json:"anomalous"`
	DecidedBy string `json:"decided_by"`
	// Since is when the anomaly began, At when the value was counted.
	Since    *time.Time `json:"since"`
	At       time.Time  `json:"at"`
	Value    *float64   `json:"value"`
	Expected *float64   `json:"expected"`
	Lower    *float64   `json:"lower"`
	Upper    *float64   `json:"upper"`
	Score    *float64   `json:"score"`
	// History holds the last day of points.
	History []Past   `json:"history"`
	Queries []string `json:"queries"`
}

// Past holds a point and what was expected of it.
type Past struct {
	At        time.Time `json:"at"`
	Value     float64   `json:"value"`
	Expected  *float64  `json:"expected"`
	Lower     *float64  `json:"lower"`
	Upper     *float64  `json:"upper"`
	Anomalous bool      `json:"anomalous"`
}

// Who decides about a series.
const (
	ByInsights = "insights"
	ByRules    = "rules"
)

// Report holds all watched series.
type Report struct {
	Status      query.Status `json:"status"`
	GeneratedAt time.Time    `json:"generated_at"`
	Series      []Watched    `json:"series"`
	// LeftOut counts series past the limit.
	LeftOut int      `json:"left_out"`
	Queries []string `json:"queries"`
}

// Watcher watches the series of a server. It keeps its detectors between calls, which saves
// reading weeks each time and changes no answer: the detectors begin at a midnight, and the
// next day they begin anew. A Watcher is safe for concurrent use.
type Watcher struct {
	mu        sync.Mutex
	origin    time.Time
	read      time.Time
	detectors map[[2]string]*watch
}

// watch holds the detector of one series and its last day.
type watch struct {
	detector *Detector
	last     time.Time
	since    *time.Time
	verdict  Verdict
	past     []Past
	seen     watched.Series
	heard    bool // there was something to watch, see [watched.Series.Silent]
}

// shownPast is how many points of the past are kept: a day.
const shownPast = int(24 * time.Hour / watched.Step)

// overlap is how much is read again each time, for the ratios over several steps and for
// tiles that were recorded late.
const overlap = 2 * time.Hour

// Watch judges all watched series until now. Where the server does not answer, the status
// says why and there are no series.
func (w *Watcher) Watch(ctx context.Context, s *query.Source) Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := s.Now().UTC()
	until := now.Truncate(watched.Step)
	if origin := now.Truncate(day).Add(-watched.History); !origin.Equal(w.origin) {
		w.origin, w.read, w.detectors = origin, origin, map[[2]string]*watch{}
	}
	from := w.read.Add(-overlap)
	if from.Before(w.origin) {
		from = w.origin
	}
	set := watched.Read(ctx, s, from, until)
	r := Report{Status: set.Status, GeneratedAt: now, Series: []Watched{}, LeftOut: set.LeftOut, Queries: set.Queries}
	if !set.Status.Usable() {
		return r
	}
	for _, one := range set.Series {
		w.learn(one, until)
	}
	w.read = until
	for _, one := range w.sorted() {
		r.Series = append(r.Series, one.report(until))
	}
	return r
}

// settled is how old a step must be before it is judged: then its increase is recorded.
const settled = watched.Step

// learn judges the points that are new.
func (w *Watcher) learn(s watched.Series, until time.Time) {
	key := [2]string{s.Channel, s.Name}
	one := w.detectors[key]
	if one == nil {
		one = &watch{detector: New(watched.Step)}
		w.detectors[key] = one
	}
	one.seen, one.heard = s, one.heard || !s.Silent()
	for i, p := range s.Points {
		if !p.At.After(one.last) || p.At.After(until.Add(-settled)) {
			continue
		}
		trials := 0.0
		if s.Trials != nil {
			trials = s.Trials[i]
		}
		one.judge(p, trials)
	}
	one.seen.Points, one.seen.Trials = nil, nil
}

// judge judges one point and remembers it.
func (o *watch) judge(p series.Point, trials float64) {
	o.last = p.At
	o.verdict = o.detector.ObserveShare(p, trials)
	switch v := o.verdict; {
	case !v.Anomalous:
		o.since = nil
	case o.since == nil:
		at := p.At
		o.since = &at
	}
	o.past = append(o.past, o.verdict.past(p, o.scale()))
	if over := len(o.past) - shownPast; over > 0 {
		o.past = append(o.past[:0], o.past[over:]...)
	}
}

// scale returns what a value is multiplied by when it is shown: volumes are shown per second.
func (o *watch) scale() float64 {
	if o.seen.Name == watched.Volume {
		return 1 / watched.Step.Seconds()
	}
	return 1
}

func (v Verdict) past(p series.Point, scale float64) Past {
	past := Past{At: p.At, Value: p.Value * scale, Anomalous: v.Anomalous}
	if v.Known {
		expected, lower, upper := v.Expected*scale, v.Lower*scale, v.Upper*scale
		past.Expected, past.Lower, past.Upper = &expected, &lower, &upper
	}
	return past
}
