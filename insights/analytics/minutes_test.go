package analytics

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/simtime"
)

// By the minute counts are sums of raw samples, and add up as well.
func TestMinutes(t *testing.T) {
	r := newRecorder(t)
	counters := map[string]*simtime.Series{}
	counts := map[string]float64{}
	perMinute := map[string]float64{"email": 70, "push": 20, "sms": 55}
	begin := began.Add(10 * hour)
	for minute := range 3 * 60 {
		at := begin.Add(time.Duration(minute+1) * time.Minute)
		err := r.server.Scrape(t.Context(), at, func(add simtime.Append) error {
			for channel, n := range perMinute {
				if counters[channel] == nil {
					counters[channel] = &simtime.Series{Labels: labels.FromStrings("__name__", catalog.Stages.Name,
						"stage", "sent", "channel", channel, "category", "c-"+channel)}
				}
				counts[channel] += n
				if err := add(counters[channel], counts[channel]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if (minute+1)%5 == 0 {
			for channel, n := range perMinute {
				r.record(rules.StageVolume, []string{"sent", channel}, at, 5*n)
				r.record(rules.CategoryVolume, []string{"sent", "c-" + channel}, at, 5*n)
			}
			r.commit(at)
		}
	}
	s := r.source(begin.Add(3 * hour))
	request := Request{From: begin.Add(2 * hour), To: begin.Add(2*hour + 30*time.Minute), Granularity: Minute}
	a, err := Compute(t.Context(), s, request)
	if err != nil || !a.Status.Usable() {
		t.Fatalf("%+v, %v", a, err)
	}
	if got := *a.TotalNotifications.Value; got != 30*145 || *a.TotalNotifications.Previous != 30*145 {
		t.Errorf("total %v", got)
	}
	if len(a.Series) != 30 || a.Series[7].Sent != 145 {
		t.Errorf("%d minutes: %+v", len(a.Series), a.Series[0])
	}
	wholes(t, a, Request{Channels: []string{"email"}})
	if len(a.CategoryMetrics) != 3 || *a.CategoryMetrics[0].Volume.Value != 30*70 {
		t.Errorf("categories %+v", a.CategoryMetrics)
	}
	// A channel of few users per minute is shown by five minutes.
	request.Channels = []string{"push"}
	if a, err = Compute(t.Context(), s, request); err != nil || len(a.Series) != 6 || a.Series[0].Sent != 100 {
		t.Errorf("%+v, %v", a, err)
	}
}
