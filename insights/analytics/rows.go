package analytics

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Row is a figure of the answer, for tables. The columns are part of the API: new ones
// are added at the end.
type Row struct {
	// Section names the part of the answer: total, series, channel, category,
	// template, provider, country, app_version, send_hour, fatigue, segment, system, resource,
	// queue, service, or withheld.
	Section string `json:"section" parquet:"section"`
	// Group says which channel, template and so on the figure is of.
	Group string `json:"group" parquet:"group"`
	// From and To bound the time that the figure is about.
	From time.Time `json:"from" parquet:"from"`
	To   time.Time `json:"to" parquet:"to"`
	// Metric has the name that the figure has in JSON.
	Metric string `json:"metric" parquet:"metric"`
	// Currency is that of an amount of money.
	Currency string   `json:"currency" parquet:"currency"`
	Value    *float64 `json:"value" parquet:"value,optional"`
	Previous *float64 `json:"previous" parquet:"previous,optional"`
	Change   *float64 `json:"change" parquet:"change,optional"`
	Reason   string   `json:"reason" parquet:"reason"`
}

// Rows returns the figures of the answer as a table, in the order of the answer.
// What is withheld in the answer is withheld here.
func (a *Analytics) Rows() []Row {
	t := rows{span: a.TimeRange}
	t.add("total", "", struct {
		Total Figure `json:"total_notifications"`
		Counts
		Rates
	}{a.TotalNotifications, a.Counts, a.Rates})
	for _, b := range a.Series {
		t.bucket(b)
	}
	for _, m := range a.ChannelMetrics {
		t.add("channel", m.Channel, m)
	}
	for _, m := range a.CategoryMetrics {
		t.add("category", m.Category, m)
	}
	for _, m := range a.TemplateMetrics {
		t.add("template", m.TemplateID, m)
	}
	for _, m := range a.ProviderMetrics {
		t.add("provider", m.Provider, m)
	}
	for _, m := range a.CountryMetrics {
		t.add("country", m.Name, m)
	}
	for _, m := range a.AppVersionMetrics {
		t.add("app_version", m.Name, m)
	}
	for _, name := range sortedKeys(a.Withheld) {
		t.withheld(name, a.Withheld[name])
	}
	t.patterns(a.EngagementPatterns)
	t.system(a.SystemPerformance)
	return t.all
}

func (t *rows) patterns(p Patterns) {
	for _, h := range p.SendHours {
		t.add("send_hour", fmt.Sprintf("%s %02d", h.Weekday, h.Hour), h)
	}
	for _, f := range p.Fatigue {
		t.add("fatigue", f.RecentSends, f)
	}
	for _, s := range p.Segments {
		t.add("segment", s.Segment, s)
	}
}

func (t *rows) system(s System) {
	t.add("system", "", s)
	for _, r := range s.Resources {
		t.add("resource", r.Component, r)
	}
	for _, q := range s.Queues {
		t.add("queue", q.Queue, q)
	}
	for _, one := range s.Services {
		t.add("service", one.Service, one)
	}
}

// rows collects the rows of an answer.
type rows struct {
	span Span
	all  []Row
}

// add adds each figure of a part of the answer.
func (t *rows) add(section, group string, part any) {
	v := reflect.ValueOf(part)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch of := v.Field(i).Interface().(type) {
		case Figure:
			t.figure(section, group, name, "", of)
		case []Money:
			for _, m := range of {
				t.figure(section, group, name, m.Currency, m.Amount)
			}
		case Counts, Rates, Reactions:
			t.add(section, group, of)
		}
	}
}

func (t *rows) figure(section, group, metric, currency string, f Figure) {
	t.all = append(t.all, Row{
		section, group, t.span.From, t.span.To, metric, currency, f.Value, f.Previous, f.Change, f.Reason,
	})
}

// withheld adds what is withheld of a breakdown. Its figures are known, and the reason says
// why there are no others.
func (t *rows) withheld(name string, w Withheld) {
	first := len(t.all)
	t.add("withheld", name, w)
	for i := range t.all[first:] {
		if r := &t.all[first+i]; r.Reason == "" {
			r.Reason = w.Reason
		}
	}
}

// bucket adds the figures of a bucket of the series.
func (t *rows) bucket(b Bucket) {
	v := reflect.ValueOf(b)
	for i := range v.NumField() {
		metric := v.Type().Field(i).Tag.Get("json")
		value, ok := v.Field(i).Interface().(*float64)
		if x, counted := v.Field(i).Interface().(float64); counted {
			value, ok = &x, true
		}
		if ok {
			t.all = append(t.all, Row{Section: "series", From: b.From, To: b.To, Metric: metric, Value: value})
		}
	}
}
