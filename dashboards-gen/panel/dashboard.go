// Package panel is the kit that Belfry's dashboards are built from: the
// dashboard with its rows and filters, the panel with its queries and limit,
// and the visuals that draw them.
//
// An author writes a panel's queries and how to read them. The kit adds what all
// panels share: ids, legends, colors, tooltips, annotations, links that keep the
// time range and the reader's choices, and the options that Grafana's SDK leaves
// empty. No dashboard repeats these, and none can forget them.
//
// Expressions come from package rules, or are built by rules/expr from the
// catalogue. [Dashboard.JSON] returns an error if one is mistaken, so that nothing
// broken is written.
//
// The JSON follows Grafana's classic schema, which Grafana 10 to 13 load. It depends
// only on the values and is the same on every run.
package panel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// UIDPrefix begins the uid of every dashboard.
const UIDPrefix = "belfry-"

// Dashboard describes one dashboard.
type Dashboard struct {
	// UID identifies the dashboard and must not change: links and panel ids contain
	// it. It begins with UIDPrefix.
	UID string
	// Title names the dashboard in its readers' words. It must differ from Folder:
	// Grafana rejects a dashboard that has the name of its folder.
	Title string
	// Description is the first question that the dashboard answers.
	Description string
	// Folder is the audience: Grafana's folder and the directory of the file.
	Folder string
	// Tags are added to the tag that all dashboards of Belfry have.
	Tags []string
	// Public makes a dashboard that Grafana can show to people without an account. It
	// has no variables, and reads the provisioned data source.
	Public bool

	// From is the start of the time range on opening, such as "now-1h".
	From string
	// Refresh is the interval between two updates, such as "1m".
	Refresh string
	Filters Filters
	Rows    []Row
}

// File returns the path of the dashboard's file: its folder and its name.
func (d Dashboard) File() string {
	return path.Join(d.Folder, strings.TrimPrefix(d.UID, UIDPrefix)+".json")
}

// JSON returns the dashboard as Grafana loads it: indented, with sorted keys and
// a line break at the end.
func (d Dashboard) JSON() ([]byte, error) {
	built, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.UID, err)
	}
	content, err := encode(built)
	if err != nil {
		return nil, fmt.Errorf("encode dashboard %s: %w", d.UID, err)
	}
	if d.Public {
		content = bytes.ReplaceAll(content, []byte("${datasource:queryparam}&"), nil)
		content = bytes.ReplaceAll(content, []byte(*source.Uid), []byte(ProvisionedSource))
		content = bytes.ReplaceAll(content, []byte(Period), []byte("the time range"))
		content = bytes.ReplaceAll(content, []byte("$"+tileVariable), []byte(fine))
	}
	return content, nil
}

// ProvisionedSource is the uid of the data source in grafana/provisioning. Public
// dashboards read it.
const ProvisionedSource = "belfry-prometheus"

// document holds the classic schema. The SDK prefers its successor, which only
// Grafana 13 loads.
//
//lint:ignore SA1019 the classic schema is the one that Grafana 10 to 13 load
type document = sdk.Dashboard

func (d Dashboard) build() (*document, error) {
	if err := d.checkKeys(); err != nil {
		return nil, err
	}
	panels, err := d.layOut()
	if err != nil {
		return nil, err
	}
	b := sdk.NewDashboard()
	b.Uid, b.Title, b.Description = &d.UID, &d.Title, &d.Description
	b.Tags = append([]string{Tag}, d.Tags...)
	b.Editable = new(false)
	b.Timezone = new("browser")
	b.GraphTooltip = new(sdk.DashboardCursorSyncCrosshair)
	b.Time = &sdk.DashboardDashboardTime{From: d.From, To: "now"}
	b.Refresh = &d.Refresh
	b.Panels = panels
	b.Links = []sdk.DashboardLink{}
	if !d.Public {
		b.Links = append(b.Links, menu)
		b.Templating.List, err = d.variables(panels)
		if err != nil {
			return nil, err
		}
	}
	b.Annotations.List, err = d.annotations()
	if err != nil {
		return nil, err
	}
	return b, b.Validate()
}

// variables returns what the reader chooses at the top of the dashboard, and the hidden
// variables that its panels need.
func (d Dashboard) variables(panels []sdk.PanelOrRowPanel) ([]sdk.VariableModel, error) {
	choices, err := d.Filters.variables()
	if err != nil {
		return nil, err
	}
	content, err := encode([]any{panels, choices})
	if err != nil {
		return nil, err
	}
	hidden := periodVariables(string(content))
	return slices.Insert(choices, 1, hidden...), nil // before the choices, which may need them
}

// checkKeys returns an error for two panels with one key, which would have one id.
func (d Dashboard) checkKeys() error {
	titles := map[string]string{}
	for _, r := range d.Rows {
		for _, p := range r.panels {
			if first, taken := titles[p.Key]; taken {
				return fmt.Errorf("panels %q and %q have the key %q: give each a key of its own", first, p.Title, p.Key)
			}
			titles[p.Key] = p.Title
		}
	}
	return nil
}

// Tag is on every dashboard of Belfry, so that they can link to each other.
const Tag = "belfry"

// menu lists the other dashboards at the top. It opens them with the same time range
// and choices.
var menu = sdk.DashboardLink{
	Title: "Belfry", Type: sdk.DashboardLinkTypeDashboards, Tags: []string{Tag}, Icon: "external link",
	Tooltip:    "The other dashboards of Belfry, at the same time range",
	AsDropdown: true, IncludeVars: true, KeepTime: true,
}

// encode marshals a value of the SDK with sorted keys. Unlike the SDK it does not
// escape the < and > of PromQL.
func encode(built any) ([]byte, error) {
	raw, err := json.Marshal(built)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var plain any
	if err := decoder.Decode(&plain); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(plain)
	return out.Bytes(), err
}
