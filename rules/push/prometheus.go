package push

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// Prometheus is the place of rule files. What it verifies is that the server
// has loaded every group of them with just these rules, and that none of the
// rules fails where it is evaluated within wait. A group with a longer interval
// is not waited for.
func Prometheus(url, dir string, files map[string][]byte, owned string, wait time.Duration) Place {
	p := Place{Server: "Prometheus", URL: url, Dir: dir, Files: files, Owned: owned}
	p.Verify = func(ctx context.Context) error { return p.verifyRules(ctx, wait) }
	return p
}

// rule is one as it was pushed, or as the server has it.
type rule struct {
	Name, Query, Health, LastError string
}

// group are the rules of a group, by file and name.
type group struct {
	File, Name string
	Interval   float64 // seconds
	Rules      []rule
}

// askAgain is the pause between two questions whether rules were evaluated.
const askAgain = 250 * time.Millisecond

func (p Place) verifyRules(ctx context.Context, wait time.Duration) error {
	want, err := p.pushed()
	if err != nil {
		return err
	}
	deadline := time.Now().Add(wait)
	for {
		loaded, err := p.loaded(ctx)
		if err != nil {
			return err
		}
		if err := p.compare(want, loaded); err != nil {
			return err
		}
		evaluated, err := healthy(loaded, wait)
		if err != nil || evaluated || time.Until(deadline) < askAgain {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(askAgain):
		}
	}
}

// pushed are the groups of the files.
func (p Place) pushed() ([]group, error) {
	var all []group
	for file, content := range p.Files {
		parsed, wrong := rulefmt.Parse(content, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
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

// loaded are the groups that the server has of files of these names. It may see
// the folder under another path.
func (p Place) loaded(ctx context.Context) ([]group, error) {
	status, body, err := p.ask(ctx, http.MethodGet, "/api/v1/rules")
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data struct{ Groups []group }
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("ask Prometheus for its rules: %s answers %d, which is no answer of Prometheus", p.URL, status)
	}
	var all []group
	for _, g := range answer.Data.Groups {
		g.File = path.Base(g.File)
		if _, ours := p.Files[g.File]; ours {
			all = append(all, g)
		}
	}
	return all, nil
}

// compare says what the server has not loaded, or loaded otherwise.
func (p Place) compare(want, have []group) error {
	var wrong []error
	for _, w := range want {
		i := slices.IndexFunc(have, func(h group) bool { return h.File == w.File && h.Name == w.Name })
		switch {
		case i < 0:
			wrong = append(wrong, fmt.Errorf("%s: the group %s is not loaded", w.File, w.Name))
		case !slices.EqualFunc(w.Rules, have[i].Rules, func(a, b rule) bool { return a.Name == b.Name && canonical(a.Query) == canonical(b.Query) }):
			wrong = append(wrong, fmt.Errorf("%s: the group %s has other rules than those pushed", w.File, w.Name))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s at %s reloaded, but does not have the files of %s; does its configuration name them under rule_files?\n%w",
		p.Server, p.URL, p.Dir, errors.Join(wrong...))
}

// canonical spells an expression as Prometheus does.
func canonical(promQL string) string {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(promQL)
	if err != nil {
		return promQL // of a newer server perhaps; then it must be the same letter by letter
	}
	return parsed.String()
}

// healthy reports whether everything that is due within wait was evaluated.
func healthy(groups []group, wait time.Duration) (bool, error) {
	evaluated := true
	var wrong []error
	for _, g := range groups {
		for _, r := range g.Rules {
			if r.Health == "err" {
				wrong = append(wrong, fmt.Errorf("%s: %s cannot be evaluated: %s", g.File, r.Name, r.LastError))
			}
			if r.Health == "unknown" && g.Interval < wait.Seconds() {
				evaluated = false
			}
		}
	}
	return evaluated, errors.Join(wrong...)
}
