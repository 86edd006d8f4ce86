package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// experiments serves those who test variants. It shows the conclusions of the
// insights service beside the counts.
func experiments() panel.Dashboard {
	return panel.Dashboard{
		UID: rules.Experiments, Title: "Experiments", Folder: "product",
		Description: "Which arm wins, how certain is it, and can the experiment be trusted?",
		From:        "now-7d", Refresh: "1m",
		Filters: panel.Filters{
			Labels: []*catalog.Label{catalog.LabelExperiment, catalog.LabelMetric},
			From:   rules.ExperimentVolume.Increase1d,
			Also:   map[*catalog.Label]panel.Expression{catalog.LabelMetric: expr.Select(catalog.ExperimentEffect)},
		},
		Rows: []panel.Row{
			panel.NewRow("", verdictTable(), verdicts(), effectTable()),
			panel.NewRow("Arms", armTable(), armSends()).Closed(),
			panel.NewRow("Effect over time", effectOnUsers(), effectOnValue()).Closed(),
			panel.NewRow("Trust", sampleRatio(), crossovers()).Closed(),
		},
	}
}

var (
	perArm     = []*catalog.Label{catalog.LabelExperiment, catalog.LabelVariant}
	perVerdict = []*catalog.Label{catalog.LabelExperiment, catalog.LabelVariant, catalog.LabelVerdict}
	perEffect  = []*catalog.Label{catalog.LabelExperiment, catalog.LabelVariant, catalog.LabelMetric}
)

// noInsights explains an empty panel of conclusions.
const noInsights = "No experiment is running, or the insights service is not"

func verdicts() panel.Panel {
	p := panel.Panel{
		Title: "Decided or stopped", Width: panel.Half, Draw: panel.States, Words: map[float64]string{1: "yes"},
		Description: "Arms that the data has decided, and since when: those that win, lose, make no relevant " +
			"difference to control, or do harm.",
		Empty: noInsights,
	}.Watches(rules.ExperimentDecided, panel.Below, perVerdict...).
		Watches(rules.GuardrailBreach, panel.Below, perVerdict...)
	p.Queries[1].Limit = panel.BadAbove(1) // harm is red, a decision is not
	return p
}

func verdictTable() panel.Panel {
	holds := expr.Max(expr.Select(catalog.ExperimentVerdict)).By(perVerdict...).Eq(expr.Num(1))
	return panel.Panel{
		Key: "verdict-table", Title: "Verdicts now", Width: panel.Half, Unit: units.Short,
		Description: "The current verdict on each arm, and its users. While an arm is collecting, its figures prove " +
			"nothing.",
		Empty: noInsights,
	}.Table(count("Users", expr.TopK(maxRows, holds.Mul(users(catalog.StageSent), expr.On(perArm...).GroupLeft()))))
}

// Arms.

// users returns how many distinct users of an arm reached the stage. It reads a
// counter from its beginning, which is that of the experiment.
func users(stage catalog.Stage) expr.Expr {
	return expr.Sum(expr.Select(catalog.ExperimentUsers, expr.Stage(stage))).By(perArm...)
}

func armTable() panel.Panel {
	biggest := expr.TopK(maxRows, users(catalog.StageSent))
	share := func(title string, stage catalog.Stage, decimals float64) panel.Column {
		return percent(title, decimals, expr.Ratio(users(stage), users(catalog.StageSent)).And(biggest))
	}
	return panel.Panel{
		Key: "arms", Title: "Arms, since the experiment began", Width: panel.Half, Unit: units.Short,
		Description: "Distinct users of each arm and the share of them that engaged. A difference here proves " +
			"nothing: see the effect and its interval below.",
		Empty: "No notifications with an experiment",
	}.Table(
		decimal("Users", 0, biggest),
		share("Opened", catalog.StageOpened, 1), share("Clicked", catalog.StageClicked, 1),
		share("Converted", catalog.StageConverted, 2), share("Opted out", catalog.StageOptedOut, 2),
	)
}

func armSends() panel.Panel {
	return panel.Panel{
		Key: "arm-sends", Title: "Sent by arm, per interval", Width: panel.Half, Unit: units.Short,
		Draw: panel.Bars, Every: tile,
		Description: "Notifications sent to the users of each arm, in each interval of the graph. Arms of equal size " +
			"grow equally fast.",
		Empty:   "No notifications with an experiment",
		Queries: panel.Of(reached(rules.ExperimentVolume, catalog.StageSent, expr.Interval, perArm...)),
	}
}

// Effect.

// Money is the one outcome that is not a share.
var (
	isShare = expr.Ne(catalog.LabelMetric, "value")
	isMoney = expr.Eq(catalog.LabelMetric, "value")
)

func effectOnUsers() panel.Panel {
	return effect(isShare, panel.Panel{
		Key: "effect", Title: "Effect on users who engage, with its interval", Unit: units.PercentUnit,
		Description: "How many more of the arm's users engage than of control's, in percentage points.",
	})
}

func effectOnValue() panel.Panel {
	return effect(isMoney, panel.Panel{
		Key: "effect-value", Title: "Effect on value per user, with its interval", Unit: units.Short,
		Description: "How much more a user of the arm is worth than a user of control, in the currency of the " +
			"conversions.",
	})
}

func effect(which expr.Matcher, p panel.Panel) panel.Panel {
	of := func(g catalog.Gauge) expr.Expr { return expr.Max(expr.Select(g, which)).By(perEffect...) }
	p.Width, p.Height, p.Empty = panel.Half, panel.Tall+panel.Low, noInsights
	p.Draw, p.Signed, p.Decimals = panel.Lines, true, new(2.0)
	p.Description += " The true effect lies between the dashed lines with 95 % confidence at all times, however " +
		"often you look. If both lines are on the same side of 0, there is a difference. Choose one experiment to " +
		"read it."
	p.Queries = []panel.Query{
		{Of: of(catalog.ExperimentEffect), Legend: panel.Legend(perEffect...)},
		reference(panel.Legend(perEffect...)+" "+panel.Lowest, of(catalog.ExperimentEffectLow)),
		reference(panel.Legend(perEffect...)+" "+panel.Highest, of(catalog.ExperimentEffectHigh)),
	}
	return p
}

func effectTable() panel.Panel {
	of := func(g catalog.Gauge) expr.Expr { return expr.Max(expr.Select(g, isShare)).By(perEffect...) }
	return panel.Panel{
		Key: "effects", Title: "Effects on users who engage, now", Width: panel.Full, Unit: units.Short,
		Description: "Each arm's effect on each outcome compared with control, its bounds, the probability of such a " +
			"difference by chance, and how many users are still needed.",
		Empty: noInsights,
	}.Table(
		percent("Chance to win", 1, of(catalog.ExperimentChance)),
		percent("Effect", 2, of(catalog.ExperimentEffect)),
		percent("At least", 2, of(catalog.ExperimentEffectLow)),
		percent("At most", 2, of(catalog.ExperimentEffectHigh)),
		decimal("p-value", 4, of(catalog.ExperimentPValue)),
		decimal("Users still needed", 0, of(catalog.ExperimentUsersNeeded)),
	)
}

// Trust.

func sampleRatio() panel.Panel {
	return panel.Panel{
		Title: "Sample ratio, p-value", Width: panel.Half, Draw: panel.Lines, Decimals: new(4.0),
		Description: "Probability that arms differ this much in size by chance. Below the line, users are assigned " +
			"or lost unevenly, and no result of the experiment can be trusted.",
		Empty: noInsights,
	}.Watches(rules.SampleRatioMismatch, panel.Below, catalog.LabelExperiment)
}

func crossovers() panel.Panel {
	counted := expr.Sum(expr.Select(catalog.ExperimentCrossovers)).By(catalog.LabelExperiment)
	return panel.Panel{
		Key: "crossovers", Title: "Users seen in more than one arm", Width: panel.Half, Unit: units.Short,
		Description: "Users seen in several arms since the experiment began. They count for none. More than a few " +
			"mean that assignment is broken.",
		Empty: "No user was seen in two arms",
	}.Table(decimal("Users", 0, counted).WithLimit(panel.BadAbove(100)))
}
