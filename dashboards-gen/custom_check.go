package dashboards

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/exporter/strict"
	"belfry/rules"
)

// customCheck judges a file of custom dashboards and compiles it on the way.
type customCheck struct {
	*strict.Document
	metrics map[string]rules.Metric
}

// uidPattern leaves room for the prefix within the 40 letters that Grafana takes.
var uidPattern = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

const (
	uidPrefix  = "belfry-"
	longestUID = 40 - len(uidPrefix)
)

// What a dashboard is read at unless it says otherwise.
const (
	defaultRange   = 24 * time.Hour
	defaultRefresh = time.Minute
)

// customFilters are the labels that readers can choose values of.
var customFilters = []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider, catalog.LabelCategory}

func (c *customCheck) dashboards(list []customDashboard) []compiled {
	if len(list) == 0 {
		c.Wrong("dashboards", "is missing: a list of dashboards")
	}
	var all []compiled
	uids, roles := map[string]string{}, map[string][]string{}
	for i, own := range list {
		path := fmt.Sprintf("dashboards[%d]", i)
		c.identity(path, own, uids)
		c.audience(path, own, roles)
		d := compiled{roles: own.Roles, public: own.Public, Dashboard: Dashboard{
			UID: uidPrefix + own.UID, Title: own.Title, Description: own.Description, Folder: own.Folder,
			from: "now-" + length(own.TimeRange, defaultRange), refresh: length(own.Refresh, defaultRefresh), filters: c.filters(path, own.Filters),
		}}
		if own.Refresh > 0 && time.Duration(own.Refresh) < 5*time.Second {
			c.Wrong(path+".refresh", "%s is out of range: Grafana reads again every 5s at most", own.Refresh)
		}
		if own.Public && len(own.Filters) > 0 {
			c.Wrong(path+".filters", "a public dashboard cannot offer choices: Grafana shows none to people without an account")
		}
		if len(own.Panels) == 0 {
			c.Wrong(path+".panels", "is missing: a list of panels")
		}
		var panels []panel
		for j, p := range own.Panels {
			panels = append(panels, c.panel(fmt.Sprintf("%s.panels[%d]", path, j), p, fmt.Sprintf("panel-%d", j)))
		}
		d.rows, d.places = []row{{panels: panels}}, c.places(path, own.Panels, panels)
		all = append(all, d)
	}
	return all
}

// length is a duration as Grafana reads it, or what stands in for it.
func length(d model.Duration, otherwise time.Duration) string {
	if d == 0 {
		d = model.Duration(otherwise)
	}
	return d.String()
}

func (c *customCheck) identity(path string, own customDashboard, uids map[string]string) {
	c.Needed(path+".title", "its name, in the words of its readers")
	c.Needed(path+".description", "the first question that it answers")
	if !c.Needed(path+".uid", "a short name in lower case, such as payments") {
		return
	}
	taken := slices.ContainsFunc(All(), func(d Dashboard) bool { return d.UID == uidPrefix+own.UID })
	first, twice := uids[own.UID]
	switch {
	case !uidPattern.MatchString(own.UID) || len(own.UID) > longestUID:
		c.Wrong(path+".uid", "%q is no uid: want lower case, digits and hyphens, at most %d letters", own.UID, longestUID)
	case taken:
		c.Wrong(path+".uid", "%q is a shipped dashboard; name it otherwise", own.UID)
	case twice:
		c.Wrong(path+".uid", "%q is that of %s already", own.UID, first)
	}
	uids[own.UID] = path
}

// audience judges folder and roles. Grafana gives rights by folder, so that
// dashboards for different people cannot share one.
func (c *customCheck) audience(path string, own customDashboard, roles map[string][]string) {
	if !c.Needed(path+".folder", "the audience, such as payments; it becomes a Grafana folder") {
		return
	}
	if !uidPattern.MatchString(own.Folder) {
		c.Wrong(path+".folder", "%q is no folder: want lower case, digits and hyphens", own.Folder)
	}
	sorted := slices.Sorted(slices.Values(own.Roles))
	if others, known := roles[own.Folder]; known && !slices.Equal(others, sorted) {
		c.Wrong(path+".roles", "another dashboard of the folder %q is for [%s]; Grafana gives rights by folder, so put this one into another", own.Folder, strings.Join(others, ", "))
	}
	roles[own.Folder] = sorted
}

func (c *customCheck) filters(path string, names []string) filters {
	f := filters{of: rules.Sent.Rate5m, also: map[*catalog.Label]expression{catalog.LabelCategory: rules.CategoryStages.Rate5m}}
	var valid []string
	for _, l := range customFilters {
		valid = append(valid, l.Name)
	}
	for i, name := range names {
		own := fmt.Sprintf("%s.filters[%d]", path, i)
		if !c.OneOf(own, "label", name, valid) {
			continue
		}
		if slices.Index(names, name) < i {
			c.Wrong(own, "%q is named twice", name)
			continue
		}
		f.labels = append(f.labels, customFilters[slices.Index(valid, name)])
	}
	return f
}

// places finds each panel's place: the one that it asks for, or the first that
// is free, from the top and from the left.
func (c *customCheck) places(path string, own []customPanel, panels []panel) []sdk.GridPos {
	type spot struct{ x, y uint32 }
	taken := map[spot]int{}
	meets := func(at sdk.GridPos) (other int, found bool) {
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if i, is := taken[spot{x, y}]; is {
					return i, true
				}
			}
		}
		return 0, false
	}
	take := func(i int, at sdk.GridPos) {
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				taken[spot{x, y}] = i
			}
		}
	}
	places := make([]sdk.GridPos, len(own))
	for i, p := range own {
		if p.Position == nil {
			continue
		}
		at := sdk.GridPos{X: uint32(max(p.Position.X, 0)), Y: uint32(max(p.Position.Y, 0)), W: panels[i].width, H: panels[i].height}
		where := fmt.Sprintf("%s.panels[%d].position", path, i)
		switch other, overlaps := meets(at); {
		case p.Position.X < 0 || p.Position.Y < 0 || p.Position.Y > 1000:
			c.Wrong(where, "x %d, y %d is off the grid", p.Position.X, p.Position.Y)
		case at.X+at.W > full:
			c.Wrong(where, "x %d and a width of %d go beyond the grid's width of %d", at.X, at.W, full)
		case overlaps:
			c.Wrong(where, "the panel overlaps panels[%d]", other)
		}
		places[i] = at
		take(i, at)
	}
	for i, p := range own {
		if p.Position != nil {
			continue
		}
		at := sdk.GridPos{W: panels[i].width, H: panels[i].height}
		for {
			if _, overlaps := meets(at); !overlaps && at.X+at.W <= full {
				break
			}
			if at.X++; at.X+at.W > full {
				at.X, at.Y = 0, at.Y+1
			}
		}
		places[i] = at
		take(i, at)
	}
	return places
}

// sortedNames are the keys of a map, ordered.
func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
