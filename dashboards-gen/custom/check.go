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
	taken   *taken
}

// taken holds what two dashboards cannot share, whichever files they are in, and
// where it was given first.
type taken struct {
	uids, titles map[string]string // titles by folder and title
	roles        map[string]audience
}

// audience holds the roles of a folder.
type audience struct {
	roles []string
	where string
}

// newTaken returns what the shipped dashboards take.
func newTaken() *taken {
	t := &taken{uids: map[string]string{}, titles: map[string]string{}, roles: map[string]audience{}}
	for _, d := range dashboards.All() {
		t.uids[strings.TrimPrefix(d.UID, panel.UIDPrefix)] = "a shipped dashboard"
		t.titles[titled(d.Folder, d.Title)] = "a shipped dashboard"
	}
	return t
}

// add adds a dashboard, unless what it needs is taken.
func (t *taken) add(file *strict.Document, path string, d dashboard) {
	title := titled(d.Folder, d.Title)
	if t.uids[d.UID] == "" {
		t.uids[d.UID] = file.Line(path + ".uid")
	}
	if t.titles[title] == "" {
		t.titles[title] = file.Line(path + ".title")
	}
	if _, given := t.roles[d.Folder]; !given {
		t.roles[d.Folder] = audience{rolesOf(d), file.Line(path + ".roles")}
	}
}

// rolesOf returns the roles of a dashboard, in order and without repetitions.
func rolesOf(d dashboard) []string { return slices.Compact(slices.Sorted(slices.Values(d.Roles))) }

// titled identifies a title within its folder.
func titled(folder, title string) string {
	return folder + "/" + strings.ToLower(strings.TrimSpace(title))
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
	for i, d := range list {
		path := fmt.Sprintf("dashboards[%d]", i)
		c.identity(path, d)
		c.audience(path, d)
		all = append(all, c.dashboard(path, d))
		if !c.Half(path) {
			c.taken.add(c.Document, path, d)
		}
	}
	return all
}

// dashboard compiles one dashboard, without its identity and audience.
func (c *checker) dashboard(path string, d dashboard) panel.Dashboard {
	compiled := panel.Dashboard{
		UID: panel.UIDPrefix + d.UID, Title: literal(d.Title), Description: literal(d.Description),
		Folder: d.Folder,
		From:   "now-" + orDefault(d.TimeRange, defaultRange), Refresh: orDefault(d.Refresh, defaultRefresh),
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

func (c *checker) identity(path string, d dashboard) {
	if c.Needed(path+".title", "its name, in the words of its readers") {
		c.title(path+".title", d)
	}
	c.Needed(path+".description", "the first question that it answers")
	path += ".uid"
	if !c.Needed(path, "a short name in lower case, such as payments") {
		return
	}
	if !namePattern.MatchString(d.UID) || len(d.UID) > longestUID {
		c.Wrong(path, "invalid uid %q: use lower-case letters, digits and hyphens, at most %d characters",
			d.UID, longestUID)
		return
	}
	if first, given := c.taken.uids[d.UID]; given {
		c.Wrong(path, "%q is the uid of %s: choose another uid", d.UID, first)
	}
}

// title checks a title. Grafana rejects a second dashboard of a title in a folder,
// and one with the name of its folder.
func (c *checker) title(path string, d dashboard) {
	first, given := c.taken.titles[titled(d.Folder, d.Title)]
	switch {
	case strings.TrimSpace(d.Title) == "":
		c.Wrong(path, "is empty: give its name, in the words of its readers")
	case d.Title == d.Folder:
		c.Wrong(path, "%q is the name of the folder too, which Grafana rejects: choose another title", d.Title)
	case given:
		c.Wrong(path, "%q is the title of %s, in the same folder %q: choose another title", d.Title, first, d.Folder)
	}
}

// audience checks folder and roles. Grafana grants access by folder, so dashboards
// for different people cannot share one.
func (c *checker) audience(path string, d dashboard) {
	if !c.Needed(path+".folder", "the audience, such as payments; it becomes a Grafana folder") {
		return
	}
	if !namePattern.MatchString(d.Folder) {
		c.Wrong(path+".folder", "invalid folder %q: use lower-case letters, digits and hyphens", d.Folder)
		return
	}
	own := rolesOf(d)
	if first, given := c.taken.roles[d.Folder]; given && !slices.Equal(first.roles, own) {
		c.Wrong(path+".roles", "the folder %q has the roles [%s] in %s: Grafana grants access by folder, so use "+
			"the same roles or another folder", d.Folder, strings.Join(first.roles, ", "), first.where)
	}
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
