package dashboards

import (
	"belfry/dashboards-gen/panel"
	"belfry/rules"
)

// The uids of the dashboards that no alert links to.
const (
	templatesUID = "belfry-templates"
	phoneUID     = "belfry-phone"
	promisesUID  = "belfry-promises"
)

// The dashboards that panels lead to for details.
var (
	toExecutive      = panel.Destination{UID: rules.Executive, Title: "Executive"}
	toPromises       = panel.Destination{UID: promisesUID, Title: "Promises"}
	toOperations     = panel.Destination{UID: rules.Operations, Title: "Operations"}
	toPerformance    = panel.Destination{UID: rules.Performance, Title: "Performance"}
	toEngagement     = panel.Destination{UID: rules.Engagement, Title: "Engagement"}
	toTemplates      = panel.Destination{UID: templatesUID, Title: "Templates & campaigns"}
	toDeliverability = panel.Destination{UID: rules.Deliverability, Title: "Deliverability"}
	toObjectives     = panel.Destination{UID: rules.SLOs, Title: "SLO & alerts"}
	toAnomalies      = panel.Destination{UID: rules.Anomalies, Title: "Anomalies & forecasts"}
	toItself         = panel.Destination{UID: rules.Belfry, Title: "Belfry itself"}
)
