package analytics

import (
	"context"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
)

// Provider is how notifications fared at a provider.
type Provider struct {
	Provider string `json:"provider"`
	// Volume counts what was sent through it first.
	Volume Figure `json:"volume"`
	Counts Counts `json:"counts"`
	// DeliveredPerAttempt is the share of attempts at the provider that delivered, among
	// those whose outcome is known: retries, and what another provider had tried before,
	// included.
	DeliveredPerAttempt Figure `json:"delivered_per_attempt"`
	// Bounce is bounced per sent, and Complaint complained per delivered.
	Bounce    Figure `json:"bounce_rate"`
	Complaint Figure `json:"complaint_rate"`
}

// providers computes how notifications fared at each provider.
func (c *computation) providers(ctx context.Context) error {
	perProvider := []*catalog.Label{catalog.LabelProvider}
	rows, err := c.breakDownTo(ctx, sectionProviders, breakdown{
		volume: rules.ProviderVolume, rows: perProvider, column: catalog.LabelChannel,
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	failed, earlier, err := c.both(ctx, rules.ErrorVolume, perProvider, c.where()...)
	if err != nil {
		return err
	}
	for _, r := range rows {
		name := r.labels.Of(catalog.LabelProvider)
		counts := r.counts()
		c.answer.ProviderMetrics = append(c.answer.ProviderMetrics, Provider{
			Provider: name, Volume: r.count(catalog.StageSent), Counts: counts,
			DeliveredPerAttempt: compare(perAttempt(failed, name, counts.Delivered.Value),
				perAttempt(earlier, name, counts.Delivered.Previous)),
			Bounce: r.figure(func(s stages) number {
				return ratio(s[catalog.StageBouncedHard]+s[catalog.StageBouncedSoft], s[catalog.StageSent],
					catalog.StageSent.String())
			}),
			Complaint: r.rate(catalog.StageComplained, catalog.StageDelivered),
		})
	}
	return nil
}

// perAttempt returns the share of the attempts at a provider that delivered.
func perAttempt(failed query.Vector, provider string, delivered *float64) number {
	if delivered == nil {
		return unknown("withheld")
	}
	n, _ := failed.Find(query.Labels{catalog.LabelProvider.Name: provider})
	if n+*delivered == 0 {
		return unknown("no attempt succeeded or failed")
	}
	return known(*delivered / (n + *delivered))
}
