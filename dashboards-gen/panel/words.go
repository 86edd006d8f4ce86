package panel

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
)

// valueWords has the words for label values that read badly with spaces in place of their
// underscores. Queries, links and variables keep the values themselves.
var valueWords = map[*catalog.Label]map[string]string{
	catalog.LabelChannel: {"in_app": "in-app"},
	catalog.LabelStage: {
		"bounced_hard": "hard bounce", "bounced_soft": "soft bounce", "machine_opened": "opened by a machine",
		"machine_clicked": "clicked by a machine",
	},
	catalog.LabelVerdict: {
		"stop_harm": "stop: harm", "stop_loser": "stop: loser", "ship": "winner",
		"no_meaningful_difference": "no difference", "immature": "too early",
	},
	catalog.LabelMetric: {
		"open": "opens", "click": "clicks", "conversion": "conversions", "open_users": "users who open",
		"click_users": "users who click", "conversion_users": "users who convert", "opt_out": "opt-outs",
		"complaint": "complaints", "bounce": "hard bounces", "soft_bounce": "soft bounces",
	},
	catalog.LabelChange:    {catalog.OptIn: "opt-in", catalog.OptOut: "opt-out"},
	catalog.LabelPlatform:  {"ios": "iOS", "android": "Android"},
	catalog.LabelRejection: {"malformed_json": "malformed JSON"},
	catalog.LabelWindow:    {"1d": "1 day", "7d": "7 days", "30d": "30 days"},
	catalog.LabelBound: {
		"lower80": "lower, 80 %", "upper80": "upper, 80 %", "lower95": "lower, 95 %", "upper95": "upper, 95 %",
	},
	catalog.LabelWeekday: {
		"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
		"sun": "Sunday",
	},
	// Free for the catalogue, but named by the insights service.
	catalog.LabelSeries: {
		"delivery_ratio": "delivery ratio", "open_ratio": "open ratio", "latency_p95": "latency p95",
	},
}

// wordOf returns how panels show a value of a label. Names of fields are code and stay
// as they are, and so do the values of free labels.
func wordOf(l *catalog.Label, value string) string {
	if word, ok := valueWords[l][value]; ok {
		return word
	}
	if l.Free() || l == catalog.LabelRepaired || l == catalog.LabelField || l == catalog.LabelIDField {
		return value
	}
	return strings.ReplaceAll(value, "_", " ")
}

// reworded lists the values of a label that have a word, and the words.
func reworded(l *catalog.Label) (values, words []string) {
	list := l.Values
	if l.Free() {
		list = slices.Sorted(maps.Keys(valueWords[l]))
	}
	for _, v := range list {
		if word := wordOf(l, v); word != v {
			values, words = append(values, v), append(words, word)
		}
	}
	return values, words
}

// cellWords shows words in a label's column of a table. The cell keeps its value.
func cellWords(l *catalog.Label) []sdk.DynamicConfigValue {
	values, words := reworded(l)
	if len(values) == 0 {
		return nil
	}
	texts := map[string]sdk.ValueMappingResult{}
	for i, v := range values {
		texts[v] = sdk.ValueMappingResult{Text: &words[i]}
	}
	return []sdk.DynamicConfigValue{property("mappings", []sdk.ValueMapping{
		{ValueMap: &sdk.ValueMap{Type: sdk.MappingTypeValueToText, Options: texts}},
	})}
}

// seriesWords shows words in the names of series: in legends, tooltips, and beside bars,
// slices and bands. The series keep their labels, by which links filter.
func (p Panel) seriesWords() []sdk.DataTransformerConfig {
	var list []sdk.DataTransformerConfig
	seen := map[string]bool{}
	for _, q := range p.Queries {
		legend := p.legend(q)
		for _, l := range q.labels() {
			before, after, found := around(legend, l)
			values, words := reworded(l)
			for i := range values {
				renamed := "/" + before + regexp.QuoteMeta(values[i]) + after + "/"
				if !found || seen[renamed] {
					continue
				}
				seen[renamed] = true
				list = append(list, sdk.DataTransformerConfig{Id: "renameByRegex", Options: map[string]string{
					"regex": renamed, "renamePattern": strings.Trim(before, "^") + words[i] + strings.Trim(after, "$"),
				}})
			}
		}
	}
	return list
}

// around returns the expressions before and after the label's value in a legend, in which
// spaces separate values.
func around(legend string, l *catalog.Label) (before, after string, found bool) {
	at := regexp.MustCompile(`(^| )\{\{` + regexp.QuoteMeta(l.Name) + `\}\}($| )`).FindStringSubmatch(legend)
	if at == nil {
		return "", "", false
	}
	return cmp.Or(at[1], "^"), cmp.Or(at[2], "$"), true
}
