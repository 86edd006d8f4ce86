package panel

import (
	"belfry/exporter/catalog"
	"belfry/rules/settings"
)

// Colors of states, in Grafana's names, which have a shade for its light and one for its
// dark theme. Its plain orange is too pale on white.
const (
	green   = "green"
	red     = "red"
	orange  = "semi-dark-orange"
	neutral = "text"
)

// Colors of series that are neither good nor bad.
const (
	Plain = sky       // a single series
	Faint = "#8e8e8e" // what others are compared with, and what is unknown
)

// Colors of changes for better and for worse.
const Better, Worse = green, orange

// The colors of series. The first six are those of Okabe and Ito, "Color Universal
// Design" (2008), which people can tell apart whatever their color vision: without
// the yellow, and with a darker sky blue and orange, since the originals do not show on
// white. All have a contrast of 3 or more to the panels of Grafana's dark and of its
// light theme, as WCAG 2.1 asks of graphs.
const (
	sky        = "#3B98D8"
	gold       = "#BC8700"
	teal       = "#009E73"
	pink       = "#CC79A7"
	vermillion = "#D55E00"
	navy       = "#0072B2"
	violet     = "#8B63E6"
	rose       = "#D6336C"
	brown      = "#9A6B45"
	olive      = "#667F00"
)

// Palette has the colors of series, those that are easiest to tell apart first.
var Palette = [...]string{sky, gold, teal, pink, vermillion, navy, violet, rose, brown, olive}

// meanings has the colors of values that mean the same in every panel: what was
// delivered is green, and what failed is red.
var meanings = map[*catalog.Label]map[string]string{
	catalog.LabelStage:    stageColors,
	catalog.LabelSLOStage: stageColors,
	catalog.LabelEvent:    stageColors,
	catalog.LabelSeverity: {
		string(settings.Info): sky, string(settings.Warning): orange,
		string(settings.Critical): red, string(settings.Emergency): violet,
	},
	catalog.LabelFault: {
		catalog.FaultRecipient: gold, catalog.FaultProvider: vermillion, catalog.FaultPlatform: violet,
		catalog.FaultNone: teal,
	},
	catalog.LabelSegment: {"new": sky, "active": teal, "at_risk": gold, "dormant": brown},
	catalog.LabelResult:  {"success": teal, "error": red},
	catalog.LabelChange:  {catalog.OptIn: teal, catalog.OptOut: vermillion},
	catalog.LabelVerdict: {
		"invalid": red, "stop_harm": red, "stop_loser": vermillion, "review": gold, "ship": teal, "continue": sky,
		"no_meaningful_difference": brown, "collecting": Faint, "immature": Faint,
	},
}

// stageColors has the colors of stages, and of the events that lead to them.
var stageColors = map[string]string{
	catalog.StageSent.String(): sky, catalog.StageDelivered.String(): teal, catalog.StageFailed.String(): red,
	catalog.StageBouncedHard.String(): vermillion, catalog.StageBouncedSoft.String(): gold, "bounced": vermillion,
	catalog.StageOpened.String(): navy, catalog.StageMachineOpened.String(): Faint,
	catalog.StageClicked.String(): violet, catalog.StageMachineClicked.String(): Faint,
	catalog.StageConverted.String(): pink, catalog.StageDismissed.String(): brown,
	catalog.StageEngaged.String(): navy, catalog.StageRecovered.String(): olive,
	catalog.StageComplained.String(): rose, catalog.StageSuppressed.String(): Faint,
	catalog.StageOptedOut.String(): brown, catalog.StageDeferred.String(): gold,
}

// StageColor returns the color of a stage, for series that the labels do not name.
func StageColor(s catalog.Stage) string { return stageColors[s.String()] }

// closedColor returns the color of the i-th value of a closed label, not counting the
// faint ones.
func closedColor(l *catalog.Label, value string, i int) string {
	if color, ok := meanings[l][value]; ok {
		return color
	}
	return Palette[i%len(Palette)]
}
