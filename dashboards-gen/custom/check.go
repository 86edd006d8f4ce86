package custom

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	dashboards "belfry/dashboards-gen"
	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/exporter/strict"
	"belfry/rules"
)

// checker checks and compiles a file of custom dashboards. After a mistake its result
// is useless.
type checker struct {
	*strict.Document
	metrics map[string]rules.Metric
}

// namePattern matches uids and folders.
var namePattern = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// longestUID leaves room for the prefix within the 40 characters that Grafana takes.
const longestUID = 40 - len(panel.UIDPrefix)

// The defaults of a dashboard.
const (
	defaultRange   = 24 * time.Hour
	defaultRefresh = time.Minute
)

// roleTag begins the tags that name a dashboard's roles.
const roleTag = "role:"

// choices lists the labels that a dashboard can be filtered by.
var choices = []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider, catalog.LabelCategory}

func (c *checker) dashboards(list []dashboard) []panel.Dashboard {
	if len(list) == 0 {
		c.Wrong("dashboards", "is missing: a list of dashboards")
	}
	var all []panel.Dashboard
	uids, roles := map[string]string{}, map[string][]string{}
	for i, d := range list {
		path := fmt.Sprintf("dashboards[%d]", i)
		c.identity(path, d, uids)
		c.audience(path, d, roles)
		all = append(all, c.dashboard(path, d))
	}
	return all
}

// dashboard compiles one dashboard, without its identity and audience.
func (c *checker) dashboard(path string, d dashboard) panel.Dashboard {
	compiled := panel.Dashboard{
		UID: panel.UIDPrefix + d.UID, Title: d.Title, Description: d.Description, Folder: d.Folder,
		From: "now-" + orDefault(d.TimeRange, defaultRange), Refresh: orDefault(d.Refresh, defaultRefresh),
		Filters: c.filters(path, d.Filters), Public: d.Public,
	}
	for _, role := range d.Roles {
		compiled.Tags = append(compiled.Tags, roleTag+role)
	}
	if d.Refresh > 0 && time.Duration(d.Refresh) < 5*time.Second {
		c.Wrong(path+".refresh", "%s is too short: Grafana refreshes every 5s at most", d.Refresh)
	}
	if d.Public && len(d.Filters) > 0 {
		c.Wrong(path+".filters",
			"a public dashboard cannot have filters: Grafana shows none to people without an account")
	}
	if len(d.Panels) == 0 {
		c.Wrong(path+".panels", "is missing: a list of panels")
	}
	panels := make([]panel.Panel, len(d.Panels))
	for i, w := range d.Panels {
		panels[i] = c.panel(fmt.Sprintf("%s.panels[%d]", path, i), w)
		panels[i].Key = fmt.Sprintf("panel-%d", i)
	}
	c.arrange(path, d.Panels, panels)
	compiled.Rows = []panel.Row{panel.NewRow("", panels...)}
	return compiled
}

// orDefault returns a duration as Grafana reads it, or the default in place of 0.
func orDefault(d model.Duration, otherwise time.Duration) string {
	if d == 0 {
		d = model.Duration(otherwise)
	}
	return d.String()
}

func (c *checker) identity(path string, d dashboard, uids map[string]string) {
	c.Needed(path+".title", "its name, in the words of its readers")
	c.Needed(path+".description", "the first question that it answers")
	if !c.Needed(path+".uid", "a short name in lower case, such as payments") {
		return
	}
	shipped := func(s panel.Dashboard) bool { return s.UID == panel.UIDPrefix+d.UID }
	first, taken := uids[d.UID]
	switch {
	case !namePattern.MatchString(d.UID) || len(d.UID) > longestUID:
		c.Wrong(path+".uid", "invalid uid %q: use lower-case letters, digits and hyphens, at most %d characters",
			d.UID, longestUID)
	case slices.ContainsFunc(dashboards.All(), shipped):
		c.Wrong(path+".uid", "%q is a shipped dashboard: choose another uid", d.UID)
	case taken:
		c.Wrong(path+".uid", "%s already has the uid %q: choose another", first, d.UID)
	}
	uids[d.UID] = path
}

// audience checks folder and roles. Grafana grants access by folder, so dashboards
// for different people cannot share one.
func (c *checker) audience(path string, d dashboard, roles map[string][]string) {
	if !c.Needed(path+".folder", "the audience, such as payments; it becomes a Grafana folder") {
		return
	}
	if !namePattern.MatchString(d.Folder) {
		c.Wrong(path+".folder", "invalid folder %q: use lower-case letters, digits and hyphens", d.Folder)
	}
	sorted := slices.Sorted(slices.Values(d.Roles))
	if others, known := roles[d.Folder]; known && !slices.Equal(others, sorted) {
		c.Wrong(path+".roles",
			"the folder %q already has a dashboard for [%s]: Grafana grants access by folder, so use another folder",
			d.Folder, strings.Join(others, ", "))
	}
	roles[d.Folder] = sorted
}

func (c *checker) filters(path string, names []string) panel.Filters {
	f := panel.Filters{From: rules.Sent.Rate5m, Also: map[*catalog.Label]panel.Expression{
		catalog.LabelCategory: rules.CategoryStages.Rate5m,
	}}
	valid := labelNames(choices)
	for i, name := range names {
		own := fmt.Sprintf("%s.filters[%d]", path, i)
		if !c.OneOf(own, "label", name, valid) {
			continue
		}
		if slices.Index(names, name) < i {
			c.Wrong(own, "%q is given twice", name)
			continue
		}
		f.Labels = append(f.Labels, choices[slices.Index(valid, name)])
	}
	return f
}
