package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// experiments is for who tests variants. What insights conclude stands beside
// what was counted.
func experiments() Dashboard {
	return Dashboard{
		UID: rules.Experiments, Title: "Experiments", Folder: "product",
		Description: "Which arm wins, how sure is that, and can the experiment be trusted?",
		from:        "now-7d", refresh: "1m",
		filters: filters{
			labels: []*catalog.Label{catalog.LabelExperiment, catalog.LabelOutcome}, of: rules.ExperimentVolume.Increase1d,
			also: map[*catalog.Label]expression{catalog.LabelOutcome: expr.Select(catalog.ExperimentEffect)},
		},
		rows: []row{
			{panels: []panel{verdicts(), verdictTable()}},
			{"Arms", []panel{armTable(), armSends()}},
			{"Effect", []panel{effectOnUsers(), effectOnValue(), effectTable()}},
			{"Trust", []panel{sampleRatio(), crossovers()}},
		},
	}
}

var (
	perArm     = []*catalog.Label{catalog.LabelExperiment, catalog.LabelVariant}
	perVerdict = []*catalog.Label{catalog.LabelExperiment, catalog.LabelVariant, catalog.LabelVerdict}
	perEffect  = []*catalog.Label{catalog.LabelExperiment, catalog.LabelVariant, catalog.LabelOutcome}
)

// noInsights says why a panel on conclusions is empty.
const noInsights = "No experiment runs, or the insights service does not"

func verdicts() panel {
	p := panel{
		title: "Decided or stopped", width: half, height: tall, unit: units.Short, draw: states{}, words: map[float64]string{1: "yes"},
		description: "Arms about which the data leaves no doubt, and since when: those that win, lose, differ from control by nothing that matters, or do harm.",
		empty:       noInsights,
	}.watches(rules.ExperimentDecided, below, perVerdict...).watches(rules.GuardrailBreach, below, perVerdict...)
	p.queries[1].limit = &limit{value: 1, worse: above} // harm is red, a decision is not
	return p
}

func verdictTable() panel {
	return panel{
		key: "verdict-table", title: "Verdicts now", width: half, height: tall, unit: units.Short,
		description: "What the data says of each arm now. While an arm is collecting, looking at its figures proves nothing.",
		empty:       noInsights,
	}.tabulates(column{
		title: "Holds", unit: units.Short, of: expr.TopK(most, expr.Max(expr.Select(catalog.ExperimentVerdict)).By(perVerdict...).Eq(expr.Num(1))),
	})
}

// Arms.

// users are how many distinct users of an arm reached the stage since it began.
// A counter from its beginning, because that is how long the experiment runs.
func users(stage catalog.Stage) expr.Expr {
	return expr.Sum(expr.Select(catalog.ExperimentUsers, expr.Stage(stage))).By(perArm...)
}

func armTable() panel {
	biggest := expr.TopK(most, users(catalog.StageSent))
	share := func(title string, stage catalog.Stage, decimals float64) column {
		return column{title: title, of: expr.Ratio(users(stage), users(catalog.StageSent)).And(biggest), unit: units.PercentUnit, decimals: &decimals}
	}
	return panel{
		key: "arms", title: "Arms, since the experiment began", width: half, height: tall, unit: units.Short,
		description: "Distinct users of each arm and the share of them that responded. A difference here is no proof: see the effect and its interval below.",
		empty:       "No notification names an experiment",
	}.tabulates(
		column{title: "Users", of: biggest, unit: units.Short, decimals: new(0.0)},
		share("Opened", catalog.StageOpened, 1), share("Clicked", catalog.StageClicked, 1),
		share("Converted", catalog.StageConverted, 2), share("Opted out", catalog.StageOptedOut, 2),
	)
}

func armSends() panel {
	return panel{
		key: "arm-sends", title: "Sent by arm, per interval", width: half, height: tall, unit: units.Short, draw: bars{}, every: tile,
		description: "Notifications sent in each interval of the graph to the users of each arm. Arms of equal size grow at equal pace.",
		empty:       "No notification names an experiment",
		queries:     []query{{of: reached(rules.ExperimentVolume, catalog.StageSent, expr.Interval, perArm...)}},
	}
}

// Effect.

// Money is an outcome unlike the others: it has no share.
var (
	isShare = expr.Ne(catalog.LabelOutcome, "value")
	isMoney = expr.Eq(catalog.LabelOutcome, "value")
)

func effectOnUsers() panel {
	return effect(isShare, panel{
		key: "effect", title: "Effect on users that respond, with its interval", unit: units.PercentUnit,
		description: "How many more of the arm's users respond than of control's, in points of per cent.",
	})
}

func effectOnValue() panel {
	return effect(isMoney, panel{
		key: "effect-value", title: "Effect on value per user, with its interval", unit: units.Short,
		description: "How much more a user of the arm is worth than one of control, in the currency that conversions report.",
	})
}

func effect(which expr.Matcher, p panel) panel {
	of := func(g catalog.Gauge) expr.Expr { return expr.Max(expr.Select(g, which)).By(perEffect...) }
	p.width, p.height, p.draw, p.signed, p.decimals, p.empty = half, tall+low, lines{}, true, new(2.0), noInsights
	p.description += " The true effect lies between the dashed lines with 95 % certainty at every moment, however often one looks. " +
		"An interval on one side of 0 is a difference. Choose one experiment to read it."
	p.queries = []query{
		{of: of(catalog.ExperimentEffect), legend: placeholders(perEffect)},
		{of: of(catalog.ExperimentEffectLow), legend: placeholders(perEffect) + " " + lowest, objective: true, colour: faint},
		{of: of(catalog.ExperimentEffectHigh), legend: placeholders(perEffect) + " " + highest, objective: true, colour: faint},
	}
	return p
}

func effectTable() panel {
	figure := func(title string, g catalog.Gauge, unit string, decimals float64) column {
		return column{title: title, of: expr.Max(expr.Select(g, isShare)).By(perEffect...), unit: unit, decimals: &decimals}
	}
	return panel{
		key: "effects", title: "Effects on users that respond, now", width: full, height: tall, unit: units.Short,
		description: "Each arm's effect on each outcome against control, between which bounds it lies, how probable such a difference is by chance, and how many users are still needed.",
		empty:       noInsights,
	}.tabulates(
		figure("Chance to win", catalog.ExperimentChance, units.PercentUnit, 1),
		figure("Effect", catalog.ExperimentEffect, units.PercentUnit, 2),
		figure("At least", catalog.ExperimentEffectLow, units.PercentUnit, 2),
		figure("At most", catalog.ExperimentEffectHigh, units.PercentUnit, 2),
		figure("p-value", catalog.ExperimentPValue, units.Short, 4),
		figure("Users still needed", catalog.ExperimentUsersNeeded, units.Short, 0),
	)
}

// Trust.

func sampleRatio() panel {
	return panel{
		title: "Sample ratio, p-value", width: half, height: tall, unit: units.Short, draw: lines{}, decimals: new(4.0),
		description: "How probable it is that arms of such different sizes come about by chance. Below the line users are assigned or lost unevenly, and nothing the experiment shows is to be trusted.",
		empty:       noInsights,
	}.watches(rules.SampleRatioMismatch, below, catalog.LabelExperiment)
}

func crossovers() panel {
	counted := expr.Sum(expr.Select(catalog.ExperimentCrossovers)).By(catalog.LabelExperiment)
	return panel{
		key: "crossovers", title: "Users seen in more than one arm", width: half, height: tall, unit: units.Short,
		description: "Users that the experiment met in several arms since it began. They belong to none; more than a few mean that assignment is broken.",
		empty:       "No user was seen in two arms",
	}.tabulates(column{title: "Users", of: counted, unit: units.Short, decimals: new(0.0), limit: &limit{value: 100, worse: above}})
}
