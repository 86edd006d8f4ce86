package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	dashboards "belfry/dashboards-gen"
	"belfry/dashboards-gen/backfill"
	"belfry/dashboards-gen/custom"
	"belfry/dashboards-gen/preview"
	"belfry/dashboards-gen/view"
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
	span       model.Duration
	width      int
	only       []string
	custom     []string
	out        string
}

func previewCommand(app *kingpin.Application) command {
	c := dashboardsGroup(app).Command("preview", "Draw each dashboard as an SVG picture from its JSON and from query results.")
	v := &previewOptions{span: model.Duration(6 * time.Hour)}
	c.Flag("prometheus", "URL of the Prometheus to query; without it a platform is simulated, which takes minutes.").
		StringVar(&v.prometheus)
	c.Flag("range", "Time range that ends now, such as 1h or 30d.").Default("6h").SetValue(&v.span)
	c.Flag("width", "Width of the screen in pixels; below 769 everything is in one column. "+
		"By default 1600, and 390 for a dashboard of one column.").IntVar(&v.width)
	c.Flag("only", "Draw only this dashboard, given by its uid or the name of its file; repeatable.").StringsVar(&v.only)
	c.Flag("dashboards", "Draw the custom dashboards of this file instead of the shipped ones; repeatable.").
		ExistingFilesVar(&v.custom)
	c.Arg("dir", "Directory to write the pictures to, one per dashboard.").Required().StringVar(&v.out)
	return command{c, v.run}
}

func (v *previewOptions) run(ctx context.Context, p *process) (err error) {
	all, err := v.load()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(v.out, 0o755); err != nil {
		return err
	}
	now := time.Now().Truncate(time.Minute)
	address := v.prometheus
	if address == "" {
		fmt.Fprintln(p.stderr, "simulating six hours of a platform; this takes minutes")
		stop, url, err := simulated(ctx, now)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		address = url
	}
	api, err := promapi.New(address, promapi.Options{})
	if err != nil {
		return fmt.Errorf("--prometheus: %w", err)
	}
	for _, d := range all {
		width := v.widthFor(d)
		screen := view.Screen{
			From: now.Add(-time.Duration(v.span)), To: now,
			Points: max(width/4, 100), ByWidth: width >= 769, Scrape: 10 * time.Second,
		}
		opened, err := d.Open(ctx, api, screen)
		if err != nil {
			return fmt.Errorf("open dashboard %s: %w", d.UID, err)
		}
		to := filepath.Join(v.out, shortUID(d.UID)+".svg")
		if err := os.WriteFile(to, preview.Draw(opened, width), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "wrote    %s\n", to)
	}
	return nil
}

// widthFor returns the width to draw the dashboard in, in pixels.
func (v *previewOptions) widthFor(d view.Dashboard) int {
	narrow := func(p view.Panel) bool { return p.Place.W < 24 }
	switch {
	case v.width > 0:
		return v.width
	case slices.ContainsFunc(d.Panels, narrow):
		return 1600
	}
	return 390
}

// load returns the dashboards to draw.
func (v *previewOptions) load() ([]view.Dashboard, error) {
	files, err := dashboards.Files()
	if len(v.custom) > 0 {
		files, err = custom.Files(v.custom...)
	}
	if err != nil {
		return nil, err
	}
	all, err := view.LoadAll(files)
	if err != nil || len(v.only) == 0 {
		return all, err
	}
	var names []string
	for _, d := range all {
		names = append(names, shortUID(d.UID))
	}
	for _, name := range v.only {
		if !slices.Contains(names, shortUID(name)) {
			return nil, fmt.Errorf("unknown dashboard %q: choose one of %s", name, strings.Join(names, ", "))
		}
	}
	return slices.DeleteFunc(all, func(d view.Dashboard) bool {
		return !slices.ContainsFunc(v.only, func(name string) bool { return shortUID(name) == shortUID(d.UID) })
	}), nil
}

// shortUID returns the name of a dashboard's file.
func shortUID(uid string) string { return strings.TrimPrefix(uid, "belfry-") }

// simulated starts a Prometheus with the history of a simulated platform.
func simulated(ctx context.Context, now time.Time) (stop func() error, url string, err error) {
	dir, err := os.MkdirTemp("", "belfry-preview-")
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if err := backfill.Watched(now, backfill.Full).Write(ctx, backfill.Blocks(dir)); err != nil {
		return nil, "", err
	}
	server, err := backfill.Serve(ctx, dir)
	if err != nil {
		return nil, "", err
	}
	return func() error { return errors.Join(server.Stop(), os.RemoveAll(dir)) }, server.URL, nil
}
