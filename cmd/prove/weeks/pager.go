package weeks

import (
	"fmt"
	"slices"
	"time"

	matchers "github.com/prometheus/alertmanager/pkg/labels"
	"gopkg.in/yaml.v3"

	"belfry/alertmanager"
	"belfry/rules/backtest"
	"belfry/rules/settings"
	"belfry/rules/simtime"
)

// pager sends messages as Alertmanager does with the shipped configuration.
type pager struct {
	routes      *backtest.Routes
	inhibitions []inhibition
}

// inhibition hides the targets while a source fires that agrees in some labels.
type inhibition struct {
	source, target []*matchers.Matcher
	equal          []string
}

func newPager() (*pager, error) {
	config, err := alertmanager.Render(settings.Default())
	if err != nil {
		return nil, err
	}
	p := &pager{}
	if p.routes, err = backtest.ReadRoutes(config); err != nil {
		return nil, err
	}
	var file struct {
		Rules []struct {
			Source []string `yaml:"source_matchers"`
			Target []string `yaml:"target_matchers"`
			Equal  []string `yaml:"equal"`
		} `yaml:"inhibit_rules"`
	}
	if err := yaml.Unmarshal(config, &file); err != nil {
		return nil, fmt.Errorf("read the inhibitions: %w", err)
	}
	for _, r := range file.Rules {
		i := inhibition{equal: r.Equal}
		if i.source, err = parse(r.Source); err != nil {
			return nil, err
		}
		if i.target, err = parse(r.Target); err != nil {
			return nil, err
		}
		p.inhibitions = append(p.inhibitions, i)
	}
	return p, nil
}

func parse(texts []string) ([]*matchers.Matcher, error) {
	var all []*matchers.Matcher
	for _, text := range texts {
		m, err := matchers.ParseMatcher(text)
		if err != nil {
			return nil, fmt.Errorf("read the inhibitions: %w", err)
		}
		all = append(all, m)
	}
	return all, nil
}

func match(all []*matchers.Matcher, f simtime.Firing) bool {
	return !slices.ContainsFunc(all, func(m *matchers.Matcher) bool { return !m.Matches(f.Labels.Get(m.Name)) })
}

// hides reports whether the source hides the target while it fires.
func (i inhibition) hides(source, target simtime.Firing) bool {
	// Alertmanager: an alert on both sides is not hidden by another such alert.
	if !match(i.source, source) || !match(i.target, target) || match(i.source, target) && match(i.target, source) {
		return false
	}
	return !slices.ContainsFunc(i.equal, func(l string) bool { return source.Labels.Get(l) != target.Labels.Get(l) })
}

// pages returns the messages to the pager that say something new.
func (p *pager) pages(fired []simtime.Firing, from, to time.Time) []backtest.Message {
	result := &backtest.Result{From: from, To: to}
	for _, f := range fired {
		alert := backtest.Alert{Labels: f.Labels.Map()}
		for _, s := range p.visible(f, fired) {
			alert.Spans = append(alert.Spans, backtest.Span{State: backtest.Firing, From: s.from, To: s.to})
		}
		result.Alerts = append(result.Alerts, alert)
	}
	return slices.DeleteFunc(p.routes.Messages(result), func(m backtest.Message) bool {
		return m.Again || m.Receiver != "pager" && m.Receiver != "chat+pager"
	})
}

// span is a time in which an alert is visible.
type span struct{ from, to time.Time }

// visible returns when an alert fires and none hides it. Once it has been told of, it is
// not told of again when what has hidden it meanwhile is over.
func (p *pager) visible(f simtime.Firing, fired []simtime.Firing) []span {
	seen := []span{{f.From, f.To}}
	for _, source := range fired {
		if slices.ContainsFunc(p.inhibitions, func(i inhibition) bool { return i.hides(source, f) }) {
			seen = without(seen, span{source.From, source.To})
		}
	}
	wait := p.routes.Match(f.Labels.Map())[0].Wait
	told := slices.IndexFunc(seen, func(s span) bool { return s.to.Sub(s.from) > wait })
	if told < 0 {
		return nil
	}
	return []span{{seen[told].from, f.To}}
}

// without removes a span from others.
func without(all []span, gone span) []span {
	var rest []span
	for _, s := range all {
		if before := (span{s.from, earlier(s.to, gone.from)}); before.from.Before(before.to) {
			rest = append(rest, before)
		}
		if after := (span{later(s.from, gone.to), s.to}); after.from.Before(after.to) {
			rest = append(rest, after)
		}
	}
	return rest
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
