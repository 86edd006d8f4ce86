package push

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/mask"
	"belfry/rules/promapi"
)

// Prometheus returns the target for rule files. It verifies that the server has
// loaded every group with exactly these rules, and that no rule fails when it is
// evaluated. It waits up to wait for groups with shorter intervals, and does not
// wait for others.
func Prometheus(url, dir string, files map[string][]byte, owned string, wait time.Duration) Target {
	return Target{
		Server: "Prometheus", URL: url, Dir: dir, Files: files, Owned: owned,
		Verify: func(ctx context.Context, p Target) error { return p.verifyRules(ctx, wait) },
	}
}

// rule describes a rule as it was pushed, or as the server has it.
type rule struct {
	Name, Query string
	Health      v1.RuleHealth
	LastError   string
}

// group holds a rule group of a file.
type group struct {
	File, Name string
	Interval   float64 // seconds
	Rules      []rule
}

// pollInterval is the pause between requests for the health of rules.
const pollInterval = 250 * time.Millisecond

func (p Target) verifyRules(ctx context.Context, wait time.Duration) error {
	want, err := p.pushed()
	if err != nil {
		return err
	}
	deadline := time.Now().Add(wait)
	for said := false; ; said = true {
		loaded, err := p.loaded(ctx)
		if err != nil {
			return err
		}
		if err := p.compare(want, loaded); err != nil {
			return err
		}
		evaluated, err := healthy(loaded, wait)
		if err != nil || evaluated || time.Until(deadline) < pollInterval {
			return err
		}
		if !said && p.Say != nil {
			p.Say(fmt.Sprintf("%s has loaded the rules; waiting up to %s until it has evaluated them once",
				p.Server, model.Duration(wait)))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollInterval):
		}
	}
}

// pushed returns the groups of the files.
func (p Target) pushed() ([]group, error) {
	var all []group
	for file, content := range p.Files {
		parsed, wrong := rulefmt.Parse(content, false, model.UTF8Validation, parser.NewParser(parser.Options{}),
			slog.New(slog.DiscardHandler))
		if len(wrong) > 0 {
			return nil, fmt.Errorf("read %s: %w", file, errors.Join(wrong...))
		}
		for _, g := range parsed.Groups {
			own := group{File: path.Base(file), Name: g.Name}
			for _, r := range g.Rules {
				own.Rules = append(own.Rules, rule{Name: r.Record + r.Alert, Query: r.Expr})
			}
			all = append(all, own)
		}
	}
	slices.SortFunc(all, func(a, b group) int { return strings.Compare(a.File+"/"+a.Name, b.File+"/"+b.Name) })
	return all, nil
}

// loaded returns the groups that the server has loaded from files of these names.
// The server may see the directory under another path.
func (p Target) loaded(ctx context.Context) ([]group, error) {
	api, err := promapi.New(p.URL, promapi.Options{Timeout: requestTimeout, Client: p.Client})
	if err != nil {
		return nil, err
	}
	found, err := api.Rules(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("read the loaded rules: %w", err)
	}
	var all []group
	for _, g := range found.Groups {
		file := path.Base(g.File)
		if _, ours := p.Files[file]; ours {
			all = append(all, group{File: file, Name: g.Name, Interval: g.Interval, Rules: rulesOf(g)})
		}
	}
	return all, nil
}

func rulesOf(g v1.RuleGroup) []rule {
	var all []rule
	for _, r := range g.Rules {
		switch r := r.(type) {
		case v1.AlertingRule:
			all = append(all, rule{r.Name, r.Query, r.Health, r.LastError})
		case v1.RecordingRule:
			all = append(all, rule{r.Name, r.Query, r.Health, r.LastError})
		}
	}
	return all
}

// compare returns an error for groups that are not loaded, or with other rules.
func (p Target) compare(want, have []group) error {
	var wrong []error
	for _, w := range want {
		i := slices.IndexFunc(have, func(h group) bool { return h.File == w.File && h.Name == w.Name })
		switch {
		case i < 0:
			wrong = append(wrong, fmt.Errorf("%s: the group %s is not loaded", w.File, w.Name))
		case !slices.EqualFunc(w.Rules, have[i].Rules, sameRule):
			wrong = append(wrong, fmt.Errorf("%s: the group %s has other rules than those that were pushed", w.File,
				w.Name))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s at %s reloaded, but does not have the files of %s: "+
		"does its configuration list them under rule_files?\n%w",
		p.Server, mask.Address(p.URL), p.Dir, errors.Join(wrong...))
}

func sameRule(a, b rule) bool { return a.Name == b.Name && canonical(a.Query) == canonical(b.Query) }

// canonical formats an expression as Prometheus does.
func canonical(promQL string) string {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(promQL)
	if err != nil {
		return promQL // perhaps of a newer version: then the texts must be equal
	}
	return parsed.String()
}

// healthy reports whether all rules that are due within wait were evaluated. It
// returns an error if some failed.
func healthy(groups []group, wait time.Duration) (bool, error) {
	evaluated := true
	var wrong []error
	for _, g := range groups {
		for _, r := range g.Rules {
			if r.Health == v1.RuleHealthBad {
				wrong = append(wrong, fmt.Errorf("%s: %s cannot be evaluated: %s", g.File, r.Name, r.LastError))
			}
			if r.Health == v1.RuleHealthUnknown && g.Interval < wait.Seconds() {
				evaluated = false
			}
		}
	}
	return evaluated, errors.Join(wrong...)
}
