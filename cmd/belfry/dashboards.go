package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	dashboards "belfry/dashboards-gen"
	"belfry/dashboards-gen/panel"
	"belfry/dashboards-gen/preview"
	"belfry/dashboards-gen/view"
	"belfry/deploy/stack"
	"belfry/exporter/daemon"
	"belfry/rules/promapi"
)

// dashboardsGroup returns the clause of the group of subcommands.
func dashboardsGroup(app *kingpin.Application) *kingpin.CmdClause {
	if group := app.GetCommand("dashboards"); group != nil {
		return group
	}
	return app.Command("dashboards", "Look at the dashboards without Grafana.")
}

// previewOptions holds the flags of preview.
type previewOptions struct {
	prometheus string
	httpConfig *string
	span       model.Duration
	width      int
	only       []string
	custom     []string
	record     string
	out        string
}

func previewCommand(app *kingpin.Application) command {
	c := dashboardsGroup(app).Command("preview",
		"Draw each dashboard as an SVG picture from its JSON and from query results.")
	o := &previewOptions{span: model.Duration(6 * time.Hour)}
	serverVar(c, "prometheus", "URL of the Prometheus to query; without it a platform is simulated, "+
		"which takes minutes, Go and Belfry's source.", &o.prometheus)
	o.httpConfig = httpFlag(c)
	durationVar(c.Flag("range", "Time range that ends now, such as 1h or 30d.").Default("6h"), &o.span)
	daemon.IntVar(c.Flag("width", "Width of the screen in pixels; below 769 everything is in one column. "+
		"By default 1600, and 390 for a dashboard of one column."), &o.width, 1, 1<<14)
	c.Flag("only", "Draw only this dashboard, given by its uid or the name of its file; repeatable.").
		StringsVar(&o.only)
	inputsVar(c.Flag("dashboards", "Draw the custom dashboards of this file instead of the shipped ones; repeatable."),
		&o.custom)
	daemon.FileVar(c.Flag("record", "Directory to write the query results to as well. `generate` draws the committed "+
		"previews from those in dashboards-gen/preview/recorded."), &o.record)
	daemon.FileArg(c.Arg("dir", "Directory to write the pictures to, one per dashboard.").Required(), &o.out)
	return command{c, o.run}
}

// simulatedUntil is when the simulated past ends: a Tuesday afternoon, the same on
// every run, so that its pictures are the same too.
var simulatedUntil = time.Date(2026, time.March, 3, 15, 0, 0, 0, time.UTC)

func (o *previewOptions) run(ctx context.Context, p *process) (err error) {
	all, err := o.load(p)
	if err != nil {
		return err
	}
	for _, dir := range []string{o.out, o.record} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	client, err := httpClient(*o.httpConfig)
	if err != nil {
		return err
	}
	address, to := o.prometheus, time.Now().Truncate(time.Minute)
	if address == "" {
		fmt.Fprintln(p.stderr, "simulating six hours of a platform; this takes minutes")
		var stop func() error
		if stop, address, err = simulated(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		to = simulatedUntil
	}
	api, err := promapi.New(address, promapi.Options{Client: client})
	if err != nil {
		return fmt.Errorf("--prometheus.url: %w", err)
	}
	for _, d := range all {
		if err := o.draw(ctx, d, view.Prometheus(api), to, p); err != nil {
			return err
		}
	}
	return nil
}

// draw writes the picture of a dashboard, and what it is drawn from.
func (o *previewOptions) draw(
	ctx context.Context, d view.Dashboard, source view.Source, to time.Time, p *process,
) error {
	width := o.widthFor(d)
	opened, err := d.Open(ctx, source, preview.Screen(width, to, time.Duration(o.span)))
	if err != nil {
		return fmt.Errorf("open dashboard %s: %w", d.UID, err)
	}
	files := map[string][]byte{filepath.Join(o.out, shortUID(d.UID)+".svg"): preview.Draw(opened, width)}
	if o.record != "" {
		answers, err := preview.Record(opened, width)
		if err != nil {
			return fmt.Errorf("record the answers to dashboard %s: %w", d.UID, err)
		}
		files[filepath.Join(o.record, shortUID(d.UID)+".ndjson")] = answers
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(path, files[path], 0o644); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "wrote    %s\n", path)
	}
	return nil
}

// widthFor returns the width to draw the dashboard in, in pixels.
func (o *previewOptions) widthFor(d view.Dashboard) int {
	narrow := func(p view.Panel) bool { return p.Place.W < 24 }
	switch {
	case o.width > 0:
		return o.width
	case slices.ContainsFunc(d.Panels, narrow):
		return 1600
	}
	return 390
}

// load returns the dashboards to draw.
func (o *previewOptions) load(p *process) ([]view.Dashboard, error) {
	files, err := dashboards.Files()
	if len(o.custom) > 0 {
		files, err = p.dashboards(o.custom)
	}
	if err != nil {
		return nil, err
	}
	all, err := view.LoadAll(files)
	if err != nil || len(o.only) == 0 {
		return all, err
	}
	var names []string
	for _, d := range all {
		names = append(names, shortUID(d.UID))
	}
	for _, name := range o.only {
		if !slices.Contains(names, shortUID(name)) {
			return nil, fmt.Errorf("unknown dashboard %q: choose one of %s", name, strings.Join(names, ", "))
		}
	}
	return slices.DeleteFunc(all, func(d view.Dashboard) bool {
		return !slices.ContainsFunc(o.only, func(name string) bool { return shortUID(name) == shortUID(d.UID) })
	}), nil
}

// shortUID returns the name of a dashboard's file.
func shortUID(uid string) string { return strings.TrimPrefix(uid, panel.UIDPrefix) }

// simulated starts a Prometheus with the history of a simulated platform, up to simulatedUntil. Another program writes
// the history: the database and the rule engine of Prometheus bring the SDKs of several clouds along.
func simulated(ctx context.Context) (stop func() error, url string, err error) {
	dir, err := os.MkdirTemp("", "belfry-preview-")
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	writer := filepath.Join(dir, "prove")
	for _, command := range []*exec.Cmd{
		exec.CommandContext(ctx, "go", "build", "-o", writer, "belfry/cmd/prove"),
		exec.CommandContext(ctx, writer, "dashboards", "--full", "--replay", dir),
	} {
		if out, err := command.CombinedOutput(); err != nil {
			return nil, "", fmt.Errorf("simulate a platform: %s: %w\n%s\n"+
				"set --prometheus.url, or run this command in Belfry's source directory, with Go on PATH",
				command, err, bytes.TrimSpace(out))
		}
	}
	server, err := stack.ServeBlocks(ctx, dir)
	if err != nil {
		return nil, "", err
	}
	return func() error { return errors.Join(server.Stop(), os.RemoveAll(dir)) }, server.URL, nil
}
