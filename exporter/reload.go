package exporter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"belfry/nats"
)

// Reload applies a new configuration while the exporter runs: targets, experiments and
// the limits of the streams. If anything differs that the counts depend on, it
// applies nothing, because counts before and after would not mean the same.
func (e *Exporter) Reload(c *Config) error {
	err := e.reload(c)
	e.self.reloadOK.Set(boolValue(err == nil))
	if err != nil {
		e.log.Error("configuration is not applied, the previous one stays in effect", "err", err)
		return err
	}
	e.log.Info("configuration is applied")
	return nil
}

func (e *Exporter) reload(c *Config) error {
	if !c.PartitionsNamed {
		settled := *c
		settled.Partitions = e.config.Load().Partitions
		c = &settled
	}
	if changed := foldChanges(e.config.Load(), c); len(changed) > 0 {
		return fmt.Errorf("reload: a change of %s would alter what is counted; restart the exporter to apply it",
			strings.Join(changed, ", "))
	}
	_, known := e.opened()
	if nc := e.nc.Load(); nc != nil && known {
		ctx, cancel := context.WithTimeout(context.Background(), reloadTimeout)
		defer cancel()
		if err := nats.EnsureStreams(ctx, nc, e.streams(c)); err != nil {
			return fmt.Errorf("reload: %w", err)
		}
	}
	e.config.Store(c)
	return nil
}

// reloadTimeout bounds how long a reload may wait for NATS.
const reloadTimeout = 10 * time.Second

// foldChanges returns the names of settings that differ and that the counts depend on.
func foldChanges(before, after *Config) []string {
	var changed []string
	old, current := before.foldSettings(), after.foldSettings()
	for name := range old {
		if fmt.Sprint(old[name]) != fmt.Sprint(current[name]) {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	return changed
}

// OnReload sets the function that loads the configuration for a reload.
func (e *Exporter) OnReload(load func() (*Config, error)) { e.load = load }

// ReloadFromSource loads the configuration again and applies it, see [Exporter.Reload].
// It logs the error that it returns.
func (e *Exporter) ReloadFromSource() error {
	c, err := e.load()
	if err != nil {
		e.self.reloadOK.Set(0)
		e.log.Error("configuration is not applied, the previous one stays in effect", "err", err)
		return err
	}
	return e.Reload(c)
}
