package dashboards

import (
	"belfry/dashboards-gen/panel"
	"belfry/rules"
)

// Where shares of what was sent turn bad: where errors alert, on a channel and before that at a
// provider.
var (
	failedLimit    = panel.BadAbove(rules.ErrorRateHigh.Threshold).WarnAt(rules.ProviderErrorsHigh.Threshold)
	deliveredLimit = panel.BadBelow(1 - rules.ErrorRateHigh.Threshold).WarnAt(1 - rules.ProviderErrorsHigh.Threshold)
)
