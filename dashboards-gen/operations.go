package dashboards

import (
	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
)

// operations serves on-call. It is opened first, and pages link to it.
func operations() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Operations, Title: "Operations", Folder: "on-call",
		Description: "Does every notification arrive, and if not, where does it stop?",
		From:        "now-1h", Refresh: "1m",
		Filters: panel.Filters{
			Labels: perProvider,
			From:   rules.Sent.Rate5m,
		},
		Rows: []panel.Row{
			panel.NewRow("",
				sentInTotal(), deliveredInTotal(), failedInTotal(), budgetLeft(), slowestChannel(), alertsFiring(),
				alertTable(alertsWidth), errorRate().WithWidth(panel.Full-alertsWidth),
				channelTable(), deliveredPerSent(),
			),
			panel.NewRow("Rate", sentRate(), deliveredRate(), failedRate(), throughput(), sentInRange()).Closed(),
			panel.NewRow("Errors", undelivered(), failedPerSent(), errorsOverTime(), errorCodes()).Closed(),
			panel.NewRow("Latency", latencyMedian(), latencyP95(), latencyP99()).Closed(),
			panel.NewRow("Providers",
				providerDown(), providerErrors(), providerLatency(), providerDelivered(), retries(), rateLimited(),
				providerTable()).Closed(),
			panel.NewRow("Queues and dead letters",
				queueMessages(), queueAge(), deadLetters(), newDeadLetters()).Closed(),
			panel.NewRow("Belfry itself",
				exporterUp(), partitionsExposed().WithWidth(panel.Half), eventsPerSecond(), freshness()).Closed(),
		},
	}
}

// The labels by which panels break their figures down.
var (
	perChannel  = []*catalog.Label{catalog.LabelChannel}
	perProvider = []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider}
)
