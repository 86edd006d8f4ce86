package anomaly

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"belfry/insights/query"
	"belfry/insights/watched"
)

// Episode is a stretch of time in which a series was anomalous.
type Episode struct {
	Series  string `json:"series"`
	Channel string `json:"channel"`
	// From and To are the first and the last anomalous point. Goes on reports that it was
	// not over at the end of the review.
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	GoesOn bool      `json:"goes_on"`
	// Worst is the point furthest from what was expected of it.
	Worst Past    `json:"worst"`
	Score float64 `json:"score"`
	// Reason explains what was anomalous about it.
	Reason  string   `json:"reason"`
	Queries []string `json:"queries"`
}

// Review holds the anomalies of a period.
type Review struct {
	Status query.Status `json:"status"`
	// Episodes are in the order of their beginnings, and Watched says how many series were
	// judged.
	Episodes []Episode `json:"episodes"`
	Watched  int       `json:"watched"`
	Queries  []string  `json:"queries"`
}

// longestReview limits a review, which reads and judges every point.
const longestReview = 100 * day

// calm is how long a series must be normal between two episodes.
const calm = 30 * time.Minute

// ReviewPeriod finds the anomalies of a period that is over, by the detectors that watch
// series as they come: each point is judged by what was known before it, from five weeks
// before the period on. Where the server does not answer, or the period is longer than 100
// days, the status says why there are none.
func ReviewPeriod(ctx context.Context, s *query.Source, from, to time.Time) Review {
	r := Review{Episodes: []Episode{}}
	if to.Sub(from) > longestReview {
		reason := fmt.Sprintf("anomalies are searched for in at most %d days", longestReview/day)
		r.Status = query.Status{State: query.NoData, Reason: reason}
		return r
	}
	from, to = from.UTC().Truncate(watched.Step), to.UTC().Truncate(watched.Step)
	set := watched.Read(ctx, s, from.Add(-watched.History), to)
	r.Status, r.Queries = set.Status, set.Queries
	if !set.Status.Usable() {
		return r
	}
	for _, one := range set.Series {
		if one.Silent() {
			continue
		}
		r.Watched++
		r.Episodes = append(r.Episodes, episodes(one, from)...)
	}
	slices.SortStableFunc(r.Episodes, func(a, b Episode) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(b.Score, a.Score))
	})
	return r
}

// episodes judges a series, and returns its episodes from a time on.
func episodes(s watched.Series, from time.Time) (all []Episode) {
	w := &watch{detector: New(watched.Step), seen: s}
	for i, p := range s.Points {
		trials := 0.0
		if s.Trials != nil {
			trials = s.Trials[i]
		}
		v := w.detector.ObserveShare(p, trials)
		if !v.Anomalous || !p.At.After(from) {
			continue
		}
		if n := len(all); n == 0 || p.At.Sub(all[n-1].To) > calm {
			all = append(all, Episode{Series: s.Name, Channel: s.Channel, From: p.At, Queries: s.Queries})
		}
		e := &all[len(all)-1]
		e.To, e.GoesOn = p.At, i == len(s.Points)-1
		if v.Score >= e.Score {
			e.Score, e.Reason, e.Worst = v.Score, v.Reason, v.past(p, w.scale())
		}
	}
	return all
}
