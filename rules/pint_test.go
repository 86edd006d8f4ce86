package rules

import (
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// pintExceptions is the part of .pint.hcl that says what is not reported.
type pintExceptions struct {
	lag   []string        // patterns of series that other groups may read
	label []string        // "series label" whose values need not occur
	rules []pintException // in the order of the file
}

// pintException turns checks off for the rules that one of its matches selects.
type pintException struct{ match, disable string }

// pintFile reads .pint.hcl, whose blocks have one attribute to a line.
func pintFile(t *testing.T) pintExceptions {
	t.Helper()
	content, err := os.ReadFile("../.pint.hcl")
	if err != nil {
		t.Fatal(err)
	}
	var all pintExceptions
	for block := range strings.SplitSeq(strings.TrimSpace(string(content)), "\n}\n") {
		if !strings.Contains(block, "\n  # ") && !strings.Contains(block, "\n    # ") {
			t.Errorf("no reason is given in %s", block)
		}
		disable := regexp.MustCompile(`(?m)^  disable = \["(.+)"\]$`).FindStringSubmatch(block)
		if disable == nil {
			for _, m := range regexp.MustCompile(`(?m)^    "(.+)",$`).FindAllStringSubmatch(block, -1) {
				all.lag = append(all.lag, m[1])
			}
			for _, m := range regexp.MustCompile(`(?m)^    "(\w+)" += \["(\w+)"\]$`).FindAllStringSubmatch(block, -1) {
				all.label = append(all.label, m[1]+" "+m[2])
			}
			continue
		}
		for _, m := range strings.SplitAfter(block, "  match {")[1:] {
			all.rules = append(all.rules, pintException{m, disable[1]})
		}
	}
	return all
}

// selects says whether the exception is for the rule.
func (e pintException) selects(t *testing.T, r rulefmt.Rule) bool {
	t.Helper()
	name := regexp.MustCompile(`name = "(.+)"`).FindStringSubmatch(e.match)
	if name == nil {
		t.Fatalf("no name in %s", e.match)
	}
	if !anchored(name[1]).MatchString(r.Record + r.Alert) {
		return false
	}
	label := regexp.MustCompile(`label "(.+)" \{\s+value = "(.+)"`).FindStringSubmatch(e.match)
	return label == nil || anchored(label[2]).MatchString(r.Labels[label[1]])
}

func anchored(pattern string) *regexp.Regexp { return regexp.MustCompile("^(?:" + pattern + ")$") }

// ruleGroups reads the shipped rules as Prometheus does.
func ruleGroups(t *testing.T) []rulefmt.RuleGroup {
	t.Helper()
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	var all []rulefmt.RuleGroup
	for _, path := range slices.Sorted(maps.Keys(files)) {
		read, wrong := rulefmt.Parse(files[path], false, model.UTF8Validation, parser.NewParser(parser.Options{}),
			slog.New(slog.DiscardHandler))
		if wrong != nil {
			t.Fatal(wrong)
		}
		all = append(all, read.Groups...)
	}
	return all
}

// selectors returns the selectors of the rule's expression.
func selectors(t *testing.T, r rulefmt.Rule) []*parser.VectorSelector {
	t.Helper()
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
	if err != nil {
		t.Fatal(err)
	}
	var found []*parser.VectorSelector
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			found = append(found, s)
		}
		return nil
	})
	return found
}

// Every exception for pint in .pint.hcl is of a rule or a series that is there, and those
// that can be judged without pint and without a Prometheus are neither too wide nor too
// narrow.
func TestPintExceptions(t *testing.T) {
	exceptions, groups := pintFile(t), ruleGroups(t)
	got, want := map[string][]string{}, map[string][]string{}
	for _, e := range exceptions.rules {
		matched := false
		for _, g := range groups {
			for _, r := range g.Rules {
				if e.selects(t, r) {
					matched = true
					got[e.disable] = append(got[e.disable], r.Record+r.Alert)
				}
			}
		}
		if !matched {
			t.Errorf("%s is turned off for no rule: %s", e.disable, e.match)
		}
	}
	for _, g := range groups {
		for _, r := range g.Rules {
			for _, check := range []struct {
				name    string
				reports bool
			}{
				{"group/interval", time.Duration(g.Interval) > 5*time.Minute},
				{"alerts/comparison", r.Alert != "" && len(selectors(t, r)) == 0},
				{"promql/regexp", slices.ContainsFunc(selectors(t, r), smelly)},
				{
					"promql/counter",
					slices.ContainsFunc(selectors(t, r), counter) && strings.HasPrefix(r.Record, "series:"),
				},
			} {
				if check.reports {
					want[check.name] = append(want[check.name], r.Record+r.Alert)
				}
			}
		}
	}
	delete(got, "promql/series") // only a Prometheus knows
	for _, names := range got {
		slices.Sort(names)
	}
	for _, names := range want {
		slices.Sort(names)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules for which .pint.hcl turns checks off (-reported +turned off):\n%s", diff)
	}
}

// smelly says whether a pattern takes a value apart.
func smelly(s *parser.VectorSelector) bool {
	return slices.ContainsFunc(s.LabelMatchers, func(m *labels.Matcher) bool {
		return m.Type == labels.MatchRegexp && strings.HasPrefix(m.Value, ".*")
	})
}

// counter says whether the series is a counter, or a part of a histogram, that an exporter counts.
func counter(s *parser.VectorSelector) bool {
	return regexp.MustCompile(`^notification_.+_(total|bucket|sum|count)$`).MatchString(s.Name)
}

// Recording rules read no series of another group but those that .pint.hcl names, and it
// names no others; nor labels by which no rule selects.
func TestPintLag(t *testing.T) {
	exceptions, groups := pintFile(t), ruleGroups(t)
	home, used := map[string]string{}, map[string]bool{}
	for _, g := range groups {
		for _, r := range g.Rules {
			if r.Record != "" && r.Record != "notification_alert_condition" {
				home[r.Record] = g.Name
			}
		}
	}
	for _, g := range groups {
		for _, r := range g.Rules {
			for _, s := range selectors(t, r) {
				for _, m := range s.LabelMatchers {
					used[s.Name+" "+m.Name] = true
				}
				if of := home[s.Name]; r.Record == "" || of == "" || of == g.Name {
					continue
				}
				i := slices.IndexFunc(exceptions.lag, func(p string) bool { return anchored(p).MatchString(s.Name) })
				if i < 0 {
					t.Errorf("%s of group %s reads %s of group %s", r.Record, g.Name, s.Name, home[s.Name])
					continue
				}
				used[exceptions.lag[i]] = true
			}
		}
	}
	for _, e := range slices.Concat(exceptions.lag, exceptions.label) {
		if !used[e] {
			t.Errorf("no rule needs the exception %q", e)
		}
	}
}
