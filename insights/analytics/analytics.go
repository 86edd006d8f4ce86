// Package analytics computes the aggregated view of a period: how many notifications
// were sent, how far they got, what they cost, and how the platform performed, each
// beside the period before.
//
//	a, err := analytics.Compute(ctx, source, analytics.Request{From: from, To: to, Granularity: analytics.Day})
//
// Counts are exact: they are sums of increases that Prometheus recorded, and what the
// channels, categories and buckets of time count adds up to the total, to the unit. A
// notification counts in the period in which it reached a stage, so an open may be in
// a later period than its delivery, and a rate of a short period may exceed 1.
//
// # Privacy
//
// What is about fewer users than the floor is not published, nor can it be computed
// from what is, by subtracting parts from totals or periods from longer ones.
// Counters know notifications, not users. The number of notifications sent is an
// upper bound of the number of users, so a group below the floor is certainly
// withheld, and one above it may still have fewer users where each was sent several.
//
//   - A period begins and ends only where at least the floor, or nobody, was counted
//     between it and any other time at which a period may begin or end. A period that
//     does not is moved to an earlier time, and buckets of the series are joined. The
//     answer says which period it is about.
//   - Groups below the floor are withheld with the next-smallest, and their sum is given
//     instead. So are groups below the floor on one of the days of a month that the
//     period cuts, or in one of the hours of a day, since another period may end there.
//     Whole months show the most groups.
//
// This holds for requests with one time zone and the same floor. The breakdowns by
// template, country, send hour and so on are each protected by themselves.
package analytics

import (
	"time"

	"belfry/insights/query"
)

// Analytics is the answer about a period.
type Analytics struct {
	Status query.Status `json:"status"`
	// Sections has the status of the parts of the answer that are not as they should
	// be.
	Sections map[string]query.Status `json:"sections,omitempty"`
	// Notes says what a reader must know about the figures, for example that the period
	// was moved.
	Notes []string `json:"notes,omitempty"`

	TimeRange   Span        `json:"time_range"`
	Previous    Span        `json:"previous_time_range"`
	Granularity Granularity `json:"granularity"`
	Timezone    string      `json:"timezone"`
	// Channels and Categories repeat what the request was narrowed to.
	Channels   []string `json:"channels,omitempty"`
	Categories []string `json:"categories,omitempty"`
	// PrivacyFloor is the number of users below which groups are withheld.
	PrivacyFloor int `json:"privacy_floor"`
	// GeneratedAt is when the answer was computed, and DataAgeSeconds how old its newest
	// data was.
	GeneratedAt    time.Time `json:"generated_at"`
	DataAgeSeconds *float64  `json:"data_age_seconds"`

	// TotalNotifications counts what was sent.
	TotalNotifications Figure `json:"total_notifications"`
	Counts             Counts `json:"counts"`
	Rates
	Series []Bucket `json:"series"`

	ChannelMetrics  []Channel  `json:"channel_metrics"`
	CategoryMetrics []Category `json:"category_metrics"`
	TemplateMetrics []Template `json:"template_metrics"`
	// ProviderMetrics is there if the request names it.
	ProviderMetrics   []Provider `json:"provider_metrics,omitempty"`
	CountryMetrics    []Group    `json:"country_metrics,omitempty"`
	AppVersionMetrics []Group    `json:"app_version_metrics,omitempty"`
	// Withheld has what the groups of each breakdown counted together that are not
	// published, by the name of the breakdown.
	Withheld map[string]Withheld `json:"withheld,omitempty"`

	EngagementPatterns Patterns `json:"engagement_patterns"`
	SystemPerformance  System   `json:"system_performance"`

	// Queries lists the PromQL that the figures come from.
	Queries []string `json:"queries"`
}

// Bucket is a part of the period. It is longer than the granularity where buckets of
// too few users are joined, and shorter where the period ends in it.
type Bucket struct {
	Span
	Sent       float64 `json:"sent"`
	Delivered  float64 `json:"delivered"`
	Failed     float64 `json:"failed"`
	Bounced    float64 `json:"bounced"`
	Opened     float64 `json:"opened"`
	Clicked    float64 `json:"clicked"`
	Converted  float64 `json:"converted"`
	Engaged    float64 `json:"engaged"`
	Complained float64 `json:"complained"`
	OptedOut   float64 `json:"opted_out"`

	DeliveryRate   *float64 `json:"delivery_rate"`
	OpenRate       *float64 `json:"open_rate"`
	ClickRate      *float64 `json:"click_rate"`
	ConversionRate *float64 `json:"conversion_rate"`
}

// Withheld describes the groups of a breakdown that are not published.
type Withheld struct {
	// Groups counts them.
	Groups int `json:"groups"`
	// Counts adds them up.
	Counts Counts `json:"counts"`
	Reason string `json:"reason"`
}

// Channel is how notifications of a channel fared.
type Channel struct {
	Channel string `json:"channel"`
	// Volume counts what was sent.
	Volume Figure `json:"volume"`
	Counts Counts `json:"counts"`
	Rates
	// AverageDeliveryTime is the mean time from sent to delivered.
	AverageDeliveryTime Figure `json:"average_delivery_time_seconds"`
	// ErrorRate is the share of failed and bounced attempts among those and the
	// delivered.
	ErrorRate Figure `json:"error_rate"`
	// Cost and Revenue have one entry for each currency.
	Cost    []Money `json:"cost"`
	Revenue []Money `json:"revenue"`
	// ROI is (revenue-cost)/cost, where both are in one currency.
	ROI Figure `json:"roi"`
}

// Money is an amount in a currency.
type Money struct {
	Currency string `json:"currency"`
	Amount   Figure `json:"amount"`
}

// Category is how notifications of a category fared.
type Category struct {
	Category string `json:"category"`
	Volume   Figure `json:"volume"`
	Counts   Counts `json:"counts"`
	Rates
}

// Group is how notifications to a part of the audience fared.
type Group struct {
	// Name is a country code, or an app version with its platform.
	Name   string `json:"name"`
	Volume Figure `json:"volume"`
	Counts Counts `json:"counts"`
	Rates
}

// Template is how notifications made from a template fared.
type Template struct {
	TemplateID string `json:"template_id"`
	// TemplateName is the id where no name is known.
	TemplateName string `json:"template_name"`
	Volume       Figure `json:"volume"`
	Counts       Counts `json:"counts"`
	Rates
	AverageRenderTime Figure      `json:"average_render_time_seconds"`
	Experiment        *Experiment `json:"ab_test_results,omitempty"`
}

// Experiment is the state of an experiment that a template takes part in.
type Experiment struct {
	ID      string `json:"experiment"`
	Verdict string `json:"verdict"`
	Reason  string `json:"reason,omitempty"`
}
