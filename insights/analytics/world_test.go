package analytics

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter/catalog"
	"belfry/exporter/simulate"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

const hour = time.Hour

var (
	began = time.Date(2026, time.March, 27, 0, 0, 0, 0, time.UTC) // two days before clocks change in Europe
	ended = began.Add(4 * 24 * hour)
)

// volumes lists what the worlds record, and what the simulator counts of it.
var volumes = []struct {
	rules.Volume
	of catalog.Metric
}{
	{rules.StageVolume, catalog.Stages},
	{rules.CategoryVolume, catalog.Stages},
	{rules.TemplateVolume, catalog.TemplateStages},
	{rules.SendHourVolume, catalog.SendHourStages},
	{rules.ChannelFrequencyVolume, catalog.FrequencyStages},
	{rules.CostVolume, catalog.Cost},
	{rules.ValueVolume, catalog.ConversionValue},
	{rules.FaultVolume, catalog.Errors},
	{rules.RetryVolume, catalog.Retries},
	{rules.ServiceVolume, catalog.ServiceRequests},
}

// recorder writes increases as the shipped rules record them.
type recorder struct {
	*testing.T
	server *simtime.Server
	series map[string]*simtime.Series
	// grown holds the increases of each series so far.
	grown   map[string][]increase
	pending []sample
}

type sample struct {
	*simtime.Series
	value float64
}

type increase struct {
	at   time.Time
	size float64
}

// record writes an increase, and the sums over the last hour and day.
func (r *recorder) record(v rules.Volume, values []string, at time.Time, size float64) {
	r.Helper()
	key := v.Increase5m.Name + strings.Join(values, "\x00")
	r.grown[key] = append(r.grown[key], increase{at, size})
	r.write(v.Increase5m, values, size)
	if hourly(at) {
		r.write(v.IncreaseHour, values, r.sum(key, at.Add(-2*hour), at.Add(-hour)))
	}
	if daily(at) {
		r.write(v.IncreaseDay, values, r.sum(key, at.Add(-25*hour), at.Add(-hour)))
	}
	for _, sums := range []struct {
		expr.Recorded
		over time.Duration
	}{{v.Increase1h, hour}, {v.Increase1d, 24 * hour}} {
		if sums.Name != "" {
			r.write(sums.Recorded, values, r.sum(key, at.Add(-sums.over), at))
		}
	}
}

// hourly reports whether hours are recorded at a time. One in 31 is left out.
func hourly(at time.Time) bool { return at.Truncate(hour).Equal(at) && at.Unix()/3600%31 != 0 }

// daily reports whether days are recorded at a time. One in a month is left out.
func daily(at time.Time) bool {
	at = at.UTC()
	return at.Truncate(hour).Equal(at) && at.Hour() == 1 && at.Day() != 5
}

// sum adds up the increases after from, until to.
func (r *recorder) sum(key string, from, to time.Time) (sum float64) {
	for i := len(r.grown[key]) - 1; i >= 0 && r.grown[key][i].at.After(from); i-- {
		if !r.grown[key][i].at.After(to) {
			sum += r.grown[key][i].size
		}
	}
	return sum
}

func (r *recorder) write(of expr.Recorded, values []string, value float64) {
	key := of.Name + strings.Join(values, "\x00")
	if r.series[key] == nil {
		pairs := []string{"__name__", of.Name}
		for i, l := range of.Labels() {
			pairs = append(pairs, l.Name, values[i])
		}
		r.series[key] = &simtime.Series{Labels: labels.FromStrings(pairs...)}
	}
	r.pending = append(r.pending, sample{r.series[key], value})
}

// commit stores what was recorded at a time.
func (r *recorder) commit(at time.Time) {
	r.Helper()
	if hourly(at) {
		r.write(rules.HourComplete, nil, 1)
	}
	if daily(at) {
		r.write(rules.DayComplete, nil, 1)
	}
	err := r.server.Scrape(r.Context(), at, func(add simtime.Append) error {
		for _, s := range r.pending {
			if err := add(s.Series, s.value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	r.pending = nil
}

func newRecorder(t *testing.T) *recorder {
	t.Helper()
	server, err := simtime.Open(t.Context(), filepath.Join(t.TempDir(), "head"), nil, simtime.OneBlock())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.DB.Close() })
	return &recorder{t, server, map[string]*simtime.Series{}, map[string][]increase{}, nil}
}

// source returns a Source of what was recorded.
func (r *recorder) source(now time.Time) *query.Source {
	return query.New(r.server.API(), query.Options{Now: func() time.Time { return now }})
}

// world is a simulated platform, with what the simulator counted by time.
type world struct {
	*query.Source
	known map[time.Time]map[*catalog.Family]map[string]float64
}

// counted lists what the simulator's count is noted of, by labels.
var counted = map[*catalog.Family][]*catalog.Label{
	catalog.Stages.Family:          {catalog.LabelStage, catalog.LabelChannel, catalog.LabelCategory},
	catalog.TemplateStages.Family:  {catalog.LabelStage, catalog.LabelTemplate},
	catalog.SendHourStages.Family:  {catalog.LabelStage, catalog.LabelWeekday, catalog.LabelHour},
	catalog.FrequencyStages.Family: {catalog.LabelStage, catalog.LabelRecent},
	catalog.Cost.Family:            {catalog.LabelChannel, catalog.LabelCurrency},
	catalog.ConversionValue.Family: {catalog.LabelChannel, catalog.LabelCurrency},
	catalog.Errors.Family:          {catalog.LabelChannel},
	catalog.Retries.Family:         nil,
}

// simulated simulates four days, and records every hour what was counted in it.
func simulated(t *testing.T) *world {
	t.Helper()
	simulator, err := simulate.New(simulate.Config{
		Seed: 5, Start: began, Duration: ended.Sub(began), PerMinute: 8, Users: 400,
	})
	if err != nil {
		t.Fatal(err)
	}
	count := simulator.Count()
	r := newRecorder(t)
	w := &world{known: map[time.Time]map[*catalog.Family]map[string]float64{began: {}}}
	last := make([]map[string]float64, len(volumes))
	var m simulate.Message
	for at := began.Add(hour); !at.After(ended); at = at.Add(hour) {
		for due, more := simulator.NextAt(); more && !due.After(at); due, more = simulator.NextAt() {
			simulator.Next(&m)
		}
		for i, v := range volumes {
			totals := count.Totals(v.of, v.Increase5m.Labels()...)
			for key, n := range totals {
				r.record(v.Volume, strings.Split(key, ","), at, n-last[i][key])
			}
			last[i] = totals
		}
		r.commit(at)
		w.known[at] = map[*catalog.Family]map[string]float64{}
		for family, by := range counted {
			w.known[at][family] = count.Totals(family, by...)
		}
	}
	w.Source = r.source(ended)
	return w
}

// between returns what was counted in a period, by the values of the labels that are
// noted.
func (w *world) between(of catalog.Metric, s Span) map[string]float64 {
	before, grown := w.known[s.From][of.Desc()], map[string]float64{}
	for key, n := range w.known[s.To][of.Desc()] {
		if n -= before[key]; n != 0 {
			grown[key] = n
		}
	}
	return grown
}
