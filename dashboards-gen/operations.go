package dashboards

import (
	"belfry/exporter/catalog"
	"belfry/rules"
)

// operations is what on-call opens first, and what pages link to.
func operations() Dashboard {
	return Dashboard{
		UID: rules.Operations, Title: "Operations", Folder: "on-call",
		Description: "Does every notification arrive, and if not, where does it stop?",
		from:        "now-1h", refresh: "1m",
		filters: filters{
			labels: perProvider,
			of:     rules.Sent.Rate5m,
		},
		rows: []row{
			{panels: []panel{
				sentInTotal(), deliveredInTotal(), failedInTotal(), budgetLeft(), slowestChannel(), alertsFiring(),
				channelTable(), alertTable(full - 14),
			}},
			{"Rate", []panel{sent(), delivered(), failed(), throughput(), sentInRange()}},
			{"Errors", []panel{undelivered(), errorRate(), deliveredPerSent(), failedPerSent(), errorsOverTime(), errorCodes()}},
			{"Latency", []panel{latencyMedian(), latencyP95(), latencyP99()}},
			{"Providers", []panel{providerDown(), providerErrors(), providerLatency(), providerDelivered(), retries(), rateLimited(), providerTable()}},
			{"Queues and dead letters", []panel{queueMessages(), queueAge(), deadLetters(), newDeadLetters()}},
			{"Belfry itself", []panel{exporterUp(), partitionsExposed().as(half), eventsPerSecond(), freshness()}},
		},
	}
}

// What the panels break their figures down by.
var (
	perChannel  = []*catalog.Label{catalog.LabelChannel}
	perProvider = []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider}
)
