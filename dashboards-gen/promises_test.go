package dashboards_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"belfry/rules"
)

// A promise is a figure beside its trend, on one screen. Both lead to the panel that
// explains it, which exists.
func TestPromisesStandBesideTheirTrends(t *testing.T) {
	ids, addresses := map[string]bool{}, map[string]string{}
	load(t, func(t *testing.T, d loaded) {
		for _, p := range d.panels {
			ids[fmt.Sprintf("%s %d", d.uid, *p.Id)] = true
			if d.uid != "belfry-promises" {
				continue
			}
			if bottom := p.GridPos.Y + p.GridPos.H; bottom > 18 {
				t.Errorf("%q ends %d rows below the top, where the screen has 18", *p.Title, bottom)
			}
			for _, link := range p.FieldConfig.Defaults.Links {
				if link.Title != "Runbook" {
					addresses[*p.Title] = *link.Url
				}
			}
			if !strings.Contains(addresses[*p.Title], "viewPanel=") {
				t.Errorf("%q leads to no panel that explains it", *p.Title)
			}
		}
	})
	if len(addresses) != 18 {
		t.Errorf("%d panels lead to others, want nine promises and their trends", len(addresses))
	}
	for title, address := range addresses {
		to := regexp.MustCompile(`^/d/([\w-]+)\?.*&viewPanel=(\d+)$`).FindStringSubmatch(address)
		if to == nil || !ids[to[1]+" "+to[2]] {
			t.Errorf("%q leads to %s, which does not exist", title, address)
		}
	}
}

// A promise is kept or not, in words and color, and neither while it has no value.
func TestPromisesAreKeptOrNot(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		if d.uid != "belfry-promises" {
			return
		}
		for _, p := range d.panels {
			if p.Type != "stat" {
				continue
			}
			both := queries(t, p)
			if len(both) != 2 || !strings.Contains(*both[0].LegendFormat, "kept: ") ||
				!strings.Contains(*both[1].LegendFormat, "not kept: ") {
				t.Errorf("%q does not say whether the promise is kept", *p.Title)
				continue
			}
			opposite := strings.NewReplacer(" < ", " >= ", " >= ", " < ")
			if comparison := regexp.MustCompile(` (<|>=) -?[\d.]+$`); comparison.ReplaceAllStringFunc(
				both[0].Expr, opposite.Replace) != both[1].Expr {
				t.Errorf("%q is kept if %s, but not kept if %s", *p.Title, both[0].Expr, both[1].Expr)
			}
			colors := marshal(t, p)
			kept, broken := strings.Index(colors, `"fixedColor":"green"`), strings.Index(colors, `"fixedColor":"red"`)
			if kept < 0 || broken < kept {
				t.Errorf("%q is not green if kept and red if not: %s", *p.Title, colors)
			}
		}
	})
}

// The time to page is that of every alert that is to page within a minute.
func TestTotalFaultsAreThoseThatPageWithinAMinute(t *testing.T) {
	counted := map[string]bool{}
	for _, a := range rules.TotalFaults {
		counted[a.Name] = true
	}
	for _, a := range rules.Alerts() {
		if soon := a.DetectsWithin > 0 && a.DetectsWithin.Minutes() <= 1; soon != counted[a.Name] {
			t.Errorf("%s detects within %s, but that it is in TotalFaults is %v",
				a.Name, a.DetectsWithin, counted[a.Name])
		}
	}
}
