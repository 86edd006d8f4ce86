package fold

import (
	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// families are the tables of the families that the fold feeds.
type families struct {
	events, stages, templateStages, campaignStages, audienceStages, experimentStages metrics.Counter
	suppressed, errors, sloStages, retries, actions, preferences, cost, value        metrics.Counter
	requests, sendHourStages, frequencyStages, experimentUsers, moments, crossovers  metrics.Counter

	processing, serviceDuration metrics.Histogram
	timeTo                      [numDurations]metrics.Histogram
	render                      metrics.Summary

	templateInfo, cpu, memory, memoryRatio, disk, network metrics.Gauge
	queueMessages, queueAge, deadLetters                  metrics.Gauge
	quotaUsed, quotaLimit, users, activeUsers             metrics.Gauge

	rejected, duplicate, misrouted, orphan, late, outOfOrder metrics.Counter
	skew, conflicts, unknownFields                           metrics.Counter
}

func familiesOf(t *metrics.Table) families {
	return families{
		events: t.Counter(catalog.Events), stages: t.Counter(catalog.Stages),
		templateStages: t.Counter(catalog.TemplateStages), campaignStages: t.Counter(catalog.CampaignStages),
		audienceStages: t.Counter(catalog.AudienceStages), experimentStages: t.Counter(catalog.ExperimentStages),
		suppressed: t.Counter(catalog.Suppressed), errors: t.Counter(catalog.Errors),
		sloStages: t.Counter(catalog.SLOStages), retries: t.Counter(catalog.Retries),
		actions: t.Counter(catalog.Actions), preferences: t.Counter(catalog.PreferenceChangesTotal),
		cost: t.Counter(catalog.Cost), value: t.Counter(catalog.ConversionValue),
		requests:       t.Counter(catalog.ServiceRequests),
		sendHourStages: t.Counter(catalog.SendHourStages), frequencyStages: t.Counter(catalog.FrequencyStages),
		experimentUsers: t.Counter(catalog.ExperimentUsers), moments: t.Counter(catalog.ExperimentMoments),
		crossovers: t.Counter(catalog.ExperimentCrossovers),

		processing:      t.Histogram(catalog.Processing),
		serviceDuration: t.Histogram(catalog.ServiceDuration),
		timeTo: [numDurations]metrics.Histogram{
			toDelivery: t.Histogram(catalog.DeliveryLatency), toOpen: t.Histogram(catalog.TimeToOpen),
			toClick: t.Histogram(catalog.TimeToClick), toConvert: t.Histogram(catalog.TimeToConvert),
		},
		render: t.Summary(catalog.TemplateRender),

		templateInfo: t.Gauge(catalog.TemplateInfo), cpu: t.Gauge(catalog.ComponentCPU),
		memory: t.Gauge(catalog.ComponentMemory), memoryRatio: t.Gauge(catalog.ComponentMemoryRatio),
		disk: t.Gauge(catalog.ComponentDisk), network: t.Gauge(catalog.ComponentNetwork),
		queueMessages: t.Gauge(catalog.QueueMessages), queueAge: t.Gauge(catalog.QueueOldestAge),
		deadLetters: t.Gauge(catalog.DeadLetters),
		quotaUsed:   t.Gauge(catalog.ServiceQuotaUsed), quotaLimit: t.Gauge(catalog.ServiceQuotaLimit),
		users: t.Gauge(catalog.Users), activeUsers: t.Gauge(catalog.ActiveUsers),

		rejected: t.Counter(catalog.EventsRejected), duplicate: t.Counter(catalog.EventsDuplicate),
		misrouted: t.Counter(catalog.EventsMisrouted), orphan: t.Counter(catalog.EventsOrphan),
		late: t.Counter(catalog.EventsLate), outOfOrder: t.Counter(catalog.EventsOutOfOrder),
		skew: t.Counter(catalog.EventsClockSkew), conflicts: t.Counter(catalog.ContextConflicts),
		unknownFields: t.Counter(catalog.UnknownFields),
	}
}

// birth shows every series whose label set is known beforehand at 0, because
// rate and increase never see the value that a series is born with.
func (s *State) birth() {
	for reason := range catalog.NumReasons - 1 {
		s.rejected.Born(metrics.Symbol(reason))
	}
	for field := range catalog.LabelField.Values {
		s.conflicts.Born(metrics.Symbol(field))
	}
	for _, c := range []metrics.Counter{s.duplicate, s.misrouted, s.orphan, s.late, s.outOfOrder, s.skew, s.unknownFields} {
		c.Born()
	}
}

// knownError is an error code that the configuration lists, and whose fault it is.
type knownError struct{ code, fault metrics.Symbol }

// labels are the symbols of the labels that events carry.
type labels struct {
	channel, category, priority, provider, template, templateName, campaign *metrics.Symbols
	platform, deviceType, experiment, variant                               *metrics.Symbols
	errorCode, fault, reason, action, change, currency                      *metrics.Symbols
	component, node, queue, service                                         *metrics.Symbols
}

func labelsOf(t *metrics.Table) labels {
	return labels{
		channel: t.Label(catalog.LabelChannel), category: t.Label(catalog.LabelCategory),
		priority: t.Label(catalog.LabelPriority), provider: t.Label(catalog.LabelProvider),
		template: t.Label(catalog.LabelTemplate), templateName: t.Label(catalog.LabelName),
		campaign: t.Label(catalog.LabelCampaign),
		platform: t.Label(catalog.LabelPlatform), deviceType: t.Label(catalog.LabelDeviceType),
		experiment: t.Label(catalog.LabelExperiment), variant: t.Label(catalog.LabelVariant),
		errorCode: t.Label(catalog.LabelErrorCode), fault: t.Label(catalog.LabelFault),
		reason: t.Label(catalog.LabelReason), action: t.Label(catalog.LabelAction),
		change: t.Label(catalog.LabelChange), currency: t.Label(catalog.LabelCurrency),
		component: t.Label(catalog.LabelComponent), node: t.Label(catalog.LabelNode),
		queue: t.Label(catalog.LabelQueue), service: t.Label(catalog.LabelService),
	}
}
