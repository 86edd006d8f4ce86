package backtest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"belfry/rules/calendar"
)

// Routes is the routing tree of an Alertmanager configuration. Package
// alertmanager/dispatch would link 119 more packages.
type Routes struct {
	root  route
	times map[string][]calendar.Interval
}

// Route says which receiver gets an alert, and at what intervals.
type Route struct {
	Receiver               string
	GroupBy                []string // "..." means all labels
	Wait, Interval, Repeat time.Duration
	Mute                   []string
}

type route struct {
	Receiver string          `yaml:"receiver"`
	GroupBy  []string        `yaml:"group_by"`
	Wait     *model.Duration `yaml:"group_wait"`
	Interval *model.Duration `yaml:"group_interval"`
	Repeat   *model.Duration `yaml:"repeat_interval"`
	Matchers []string        `yaml:"matchers"`
	Continue bool            `yaml:"continue"`
	Mute     []string        `yaml:"mute_time_intervals"`
	Routes   []route         `yaml:"routes"`

	matchers []*labels.Matcher
}

// ReadRoutes reads the configuration that Belfry generates for Alertmanager.
func ReadRoutes(config []byte) (*Routes, error) {
	var file struct {
		Route route `yaml:"route"`
		Times []struct {
			Name      string              `yaml:"name"`
			Intervals []calendar.Interval `yaml:"time_intervals"`
		} `yaml:"time_intervals"`
	}
	if err := yaml.Unmarshal(config, &file); err != nil {
		return nil, fmt.Errorf("read the Alertmanager configuration: %w", err)
	}
	r := &Routes{root: file.Route, times: map[string][]calendar.Interval{}}
	for _, t := range file.Times {
		r.times[t.Name] = t.Intervals
	}
	if err := r.root.parse(); err != nil {
		return nil, fmt.Errorf("read the Alertmanager configuration: %w", err)
	}
	return r, nil
}

func (r *route) parse() error {
	for _, text := range r.Matchers {
		m, err := labels.ParseMatchers(text)
		if err != nil {
			return err
		}
		r.matchers = append(r.matchers, m...)
	}
	for i := range r.Routes {
		if err := r.Routes[i].parse(); err != nil {
			return err
		}
	}
	return nil
}

// Match returns the routes of an alert with the labels.
func (r *Routes) Match(alert map[string]string) []Route {
	// Alertmanager's own defaults.
	return r.root.match(alert, Route{Wait: 30 * time.Second, Interval: 5 * time.Minute, Repeat: 4 * time.Hour})
}

func (r route) match(alert map[string]string, above Route) []Route {
	for _, m := range r.matchers {
		if !m.Matches(alert[m.Name]) {
			return nil
		}
	}
	own := above
	own.Receiver, own.Mute = cmp.Or(r.Receiver, above.Receiver), r.Mute
	if r.GroupBy != nil {
		own.GroupBy = r.GroupBy
	}
	for _, pace := range []struct {
		from *model.Duration
		to   *time.Duration
	}{{r.Wait, &own.Wait}, {r.Interval, &own.Interval}, {r.Repeat, &own.Repeat}} {
		if pace.from != nil {
			*pace.to = time.Duration(*pace.from)
		}
	}
	var all []Route
	for _, child := range r.Routes {
		below := child.match(alert, own)
		all = append(all, below...)
		if len(below) > 0 && !child.Continue {
			break
		}
	}
	if len(all) == 0 {
		return []Route{own}
	}
	return all
}

// muted reports whether a route is muted at a time.
func (r *Routes) muted(w Route, at time.Time) bool {
	for _, name := range w.Mute {
		if slices.ContainsFunc(r.times[name], func(i calendar.Interval) bool { return i.Holds(at) }) {
			return true
		}
	}
	return false
}
