package strict

// synonyms maps common words to the names that they stand for here, where one of
// these is valid.
var synonyms = map[string][]string{
	// aggregations
	"mean": {"avg"}, "average": {"avg"}, "total": {"sum"}, "maximum": {"max"}, "highest": {"max"},
	"minimum": {"min"}, "lowest": {"min"}, "number": {"count", "stat"},

	// severities
	"warn": {"warning"}, "crit": {"critical"}, "error": {"critical", "failed"}, "page": {"critical"},
	"fatal": {"emergency"}, "urgent": {"emergency"}, "notice": {"info"}, "informational": {"info"},

	// operators of conditions
	"greater": {"gt"}, "greater_than": {"gt"}, "greaterthan": {"gt"}, "above": {"gt"}, "more": {"gt"}, "over": {"gt"},
	"less": {"lt"}, "less_than": {"lt"}, "lessthan": {"lt"}, "below": {"lt"}, "under": {"lt"},
	"ge": {"gte"}, "at_least": {"gte"}, "le": {"lte"}, "at_most": {"lte"},
	"equal": {"eq"}, "equals": {"eq"}, "neq": {"ne"}, "not_equal": {"ne"}, "notequal": {"ne"},
	">": {"gt"}, ">=": {"gte"}, "=>": {"gte"}, "<": {"lt"}, "<=": {"lte"}, "=<": {"lte"},
	"=": {"eq"}, "==": {"eq"}, "!=": {"ne"}, "<>": {"ne"},

	// sides of a limit
	"higher": {"above"}, "lower": {"below"},

	// channels
	"mail": {"email"}, "e-mail": {"email"}, "text": {"sms"}, "inapp": {"in_app"}, "in-app": {"in_app"},
	"hook": {"webhook"}, "http": {"webhook"}, "teams": {"msteams", "chat"}, "microsoft_teams": {"msteams"},

	// faults
	"user": {"recipient"}, "customer": {"recipient"}, "vendor": {"provider"}, "carrier": {"provider"},
	"internal": {"platform"}, "ours": {"platform"}, "us": {"platform"},

	// widgets
	"graph": {"line"}, "timeseries": {"line"}, "time_series": {"line"}, "column": {"bar"}, "donut": {"pie"},
	"singlestat": {"stat"}, "single_stat": {"stat"}, "histogram": {"heatmap"},

	// keys
	"mute_time_intervals": {"mute_times"}, "time_intervals": {"mute_times"}, "silences": {"mute_times"},
	"objectives": {"slos"}, "rules": {"alerts"}, "labels": {"match"}, "value": {"threshold"}, "limit": {"threshold"},
	"window": {"timeWindow"}, "cooldown": {"cooldownPeriod"},
	"receivers": {"channels"}, "alertname": {"name"}, "target": {"objective"},
	"start": {"start_time"}, "end": {"end_time"}, "timezone": {"location"}, "time_zone": {"location"},
	"days": {"weekdays"}, "type": {"widget"}, "by": {"groupBy"}, "group_by": {"groupBy"},
}
