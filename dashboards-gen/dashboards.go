// Package dashboards builds Belfry's Grafana dashboards from Go.
//
// A dashboard is a value that says what its reader asks: rows of panels, each
// with queries, a unit and a sentence on what to think of it. What all panels
// have in common (how a line looks, what a legend shows, where a click leads,
// which id a panel has) is added in panels.go and the files of the visuals, so
// that no dashboard repeats it and none can forget it.
//
// Expressions come from package rules, or are built by rules/expr from the
// catalogue. No metric is named here, and a panel on what an alert watches draws
// the alert's own expression with its threshold. Building fails when an
// expression is mistaken, so nothing broken is ever written.
//
// The JSON is Grafana's classic schema, which Grafana 10 to 13 load. Files is
// written by `belfry generate`; nobody edits it by hand.
package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Directory is where the dashboards stand, below the module's root. Grafana's
// provisioning makes a folder of each directory in it.
const Directory = "grafana/dashboards"

// All is every dashboard, in the order in which Grafana should be learned.
func All() []Dashboard {
	return []Dashboard{
		executive(), operations(), performance(), engagement(), templates(), deliverability(), experiments(), objectives(), anomalies(),
		itself(), phone(),
	}
}

// Files returns all generated files: path below the module's root to content.
// The content depends on the code alone and is the same on every run.
func Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, d := range All() {
		content, err := d.json()
		if err != nil {
			return nil, err
		}
		files[d.path()] = content
	}
	return files, nil
}

// Dashboard is one dashboard as its author writes it.
type Dashboard struct {
	// UID identifies the dashboard for good: links, alerts and panel ids are made
	// from it. It starts with "belfry-".
	UID string
	// Title is its name, in the words of its readers.
	Title string
	// Description is the first question that it answers.
	Description string
	// Folder is the audience: the Grafana folder and the directory of the file.
	// Grafana refuses a dashboard that is called like its folder.
	Folder string

	from    string // start of the time range on opening, such as "now-1h"
	refresh string // how often it reads again, such as "1m"
	filters filters
	rows    []row
}

// path is where the dashboard's file stands below the module's root.
func (d Dashboard) path() string {
	return path.Join(Directory, d.Folder, strings.TrimPrefix(d.UID, "belfry-")+".json")
}

// json is the dashboard as Grafana loads it, with sorted keys, indented, and
// with a line break at the end.
func (d Dashboard) json() ([]byte, error) {
	document, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.UID, err)
	}
	content, err := encode(document)
	if err != nil {
		return nil, fmt.Errorf("encode dashboard %s: %w", d.UID, err)
	}
	return content, nil
}

// document is the classic schema. The SDK prefers its successor, which only
// Grafana 13 loads.
//
//lint:ignore SA1019 the classic schema is the one that Grafana 10 to 13 load
type document = sdk.Dashboard

func (d Dashboard) build() (*document, error) {
	panels, err := d.place()
	if err != nil {
		return nil, err
	}
	b := sdk.NewDashboard()
	b.Uid, b.Title, b.Description = &d.UID, &d.Title, &d.Description
	b.Tags = []string{tag}
	b.Editable = new(false)
	b.Timezone = new("browser")
	b.GraphTooltip = new(sdk.DashboardCursorSyncCrosshair)
	b.Time = &sdk.DashboardDashboardTime{From: d.from, To: "now"}
	b.Refresh = &d.refresh
	b.Panels = panels
	b.Links = []sdk.DashboardLink{toTheOthers}
	b.Templating.List, err = d.filters.variables()
	if err != nil {
		return nil, err
	}
	b.Annotations.List, err = annotations()
	if err != nil {
		return nil, err
	}
	return b, b.Validate()
}

// tag is on every dashboard of Belfry, so that they can link to each other.
const tag = "belfry"

// toTheOthers is the menu at the top from which the other dashboards open with
// the same time range and choices.
var toTheOthers = sdk.DashboardLink{
	Title: "Belfry", Type: sdk.DashboardLinkTypeDashboards, Tags: []string{tag}, Tooltip: "The other dashboards of Belfry, at the same time range",
	Icon: "external link", AsDropdown: true, IncludeVars: true, KeepTime: true,
}

// encode writes what the SDK's types marshal to with sorted keys and readable
// comparisons: the SDK escapes the < and > of PromQL.
func encode(document any) ([]byte, error) {
	raw, err := json.Marshal(document)
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
