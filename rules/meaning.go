package rules

import (
	"maps"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
)

// Meaning says in a phrase what the metric counts or measures, or "" if nobody knows. For
// what follows from a family of the catalogue it is the family's own help.
func (m Metric) Meaning() string {
	if text, known := meanings[m.Name]; known {
		return text
	}
	if family := familyHelps[m.Name]; family != "" {
		return family
	}
	found := operated.FindStringSubmatch(m.Name)
	if found == nil || familyHelps[found[1]] == "" {
		return ""
	}
	return phrase(found[2]) + ": " + familyHelps[found[1]]
}

// operated matches the name of a family and the operation behind it.
var operated = regexp.MustCompile(
	`^(.+?)(?:_seconds)?_((?:sum_|count_)?increase\w+|avg\w+|predict\w+|delta\w+|deriv\w+|p\d+|sum)$`)

// phrase returns an operation in words.
func phrase(operation string) string {
	what, window := split(operation)
	switch what {
	case "increase":
		return "how many in " + window
	case "sum_increase":
		return "sum of the seconds in " + window
	case "count_increase":
		return "how many were measured in " + window
	case "avg":
		return "average over " + window
	case "predict":
		return "what the trend leads to in " + window
	case "delta":
		return "change within " + window
	case "deriv":
		return "by the trend of " + window
	case "sum":
		return "sum over all partitions"
	}
	return strings.TrimPrefix(operation, "p") + "th percentile"
}

// split splits an operation into its name and its window in words.
func split(operation string) (what, window string) {
	i := strings.IndexAny(operation, "0123456789")
	if i < 0 || strings.HasPrefix(operation, "p") && i == 1 {
		return operation, ""
	}
	d, err := model.ParseDuration(operation[i:])
	if err != nil {
		return operation, ""
	}
	return operation[:i], map[time.Duration]string{
		time.Minute: "a minute", 5 * time.Minute: "5 minutes", 15 * time.Minute: "15 minutes", time.Hour: "an hour",
		4 * time.Hour: "4 hours", 24 * time.Hour: "a day",
	}[time.Duration(d)]
}

// familyHelps holds the help of each family by its short name.
var familyHelps = func() map[string]string {
	all := map[string]string{}
	for _, f := range catalog.All {
		all[strings.TrimSuffix(short(f.Name), "_total")] = f.Help
	}
	return all
}()

// meanings holds the metrics that are computed from several families.
var meanings = func() map[string]string {
	all := maps.Clone(sharedMeanings)
	for name, what := range map[string]string{"sent_rate": "sent rate", "opened_per_delivered": "share that is opened"} {
		for part, meaning := range seasonMeanings {
			all[name+"_"+part] = strings.ReplaceAll(meaning, "<what>", what)
		}
	}
	return all
}()

// sharedMeanings holds those of the above that are no part of a season.
var sharedMeanings = map[string]string{
	"figures_age_max1m":     "how old the figures were at most within a minute",
	"monitoring_up":         "1 while rules are evaluated, Alertmanager and exporters answer and all numbers show",
	"monitoring_up_ratio1d": "share of the minutes of a day in which monitoring worked",
	"page_fired":            "how long the condition of a page had held when it fired",

	"active_users_sum": "active users of all partitions, by how recently they were active",
	"users_sum":        "known users of all partitions, by segment",

	"sent_rate":       "notifications sent a second",
	"delivered_rate":  "notifications delivered a second",
	"failed_rate":     "notifications a second that failed for the first time",
	"bounced_rate":    "notifications a second that bounced",
	"complained_rate": "spam complaints a second",
	"stage_rate":      "notifications a second that reached the stage",
	"outcomes_rate":   "deliveries and errors a second",
	"events_rate":     "events a second that the exporter counts",
	"slo_errors_rate": "errors a second that count against the objective of delivery",

	"delivered_per_sent":                     "share of what was sent that was delivered",
	"delivered_per_attempt":                  "share of the attempts at a provider that delivered",
	"failed_per_sent":                        "share of what was sent that failed at least once",
	"undelivered_per_sent":                   "share of what was sent that was not delivered",
	"unanswered_per_sent":                    "share of what was sent that has neither a delivery nor an error",
	"hard_bounced_per_sent":                  "share of what was sent that bounced for good",
	"complained_per_delivered":               "share of what was delivered that was reported as spam",
	"opened_per_delivered":                   "share of what was delivered that was opened",
	"clicked_per_opened":                     "share of what was opened that was clicked",
	"converted_per_clicked":                  "share of what was clicked that led to a conversion",
	"converted_per_delivered":                "share of what was delivered that led to a conversion",
	"engaged_per_delivered":                  "share of what was delivered that was opened, clicked or converted",
	"opted_out_per_delivered":                "opt-outs for each notification delivered",
	"retries_per_sent":                       "retries for each notification sent",
	"rate_limited_per_outcome":               "share of the outcomes that are refusals because of a rate limit",
	"slo_errors_per_outcome":                 "share of the outcomes that are errors without the recipient's fault",
	"slo_errors_per_sent":                    "share of what was sent that counts against the objective of delivery",
	"slo_slow_per_delivered":                 "share of what was delivered that was later than the objective allows",
	"slo_stale_per_minutes":                  "share of the minutes in which figures were late or hidden",
	"belfry_events_rejected_per_event":       "share of the events that were rejected",
	"service_errors_per_request":             "share of the requests to a service that failed",
	"service_quota_used_per_limit":           "share of a service's quota that is used",
	"service_quota_used_per_limit_predict4h": "share of a service's quota that the trend leads to in 4 hours",
	"cost_per_delivered":                     "cost of each notification delivered",
	"conversion_value_per_cost":              "value of the conversions for each unit of cost",

	"error_budget_remaining":     budgetLeft + "lost notifications; " + overdrawn,
	"latency_budget_remaining":   budgetLeft + "late notifications; " + overdrawn,
	"freshness_budget_remaining": budgetLeft + "late figures; " + overdrawn,

	"objective":                                    "target of each objective, as a share",
	"objective_delivery_success":                   "share of notifications that are to be delivered",
	"objective_delivery_latency":                   "share of deliveries that are to be in time",
	"objective_delivery_latency_threshold_seconds": "seconds within which a delivery is in time",

	"queue_wait_p95":       "95th percentile: seconds that notifications wait in a queue before they are sent",
	"queue_drain_deriv15m": "seconds until the queue is empty, by the trend of 15 minutes",

	"slo_sent_increase1m":      "notifications of the objective of delivery in a minute",
	"slo_sent_increase5m":      "notifications of the objective of delivery in 5 minutes",
	"slo_errors_increase1m":    "what counts against the objective of delivery in a minute",
	"slo_errors_increase5m":    "what counts against the objective of delivery in 5 minutes",
	"slo_delivered_increase1m": "notifications of the objective of latency in a minute",
	"slo_delivered_increase5m": "notifications of the objective of latency in 5 minutes",
	"slo_slow_increase1m":      "late deliveries in a minute",
	"slo_slow_increase5m":      "late deliveries in 5 minutes",
	"slo_minutes_increase1m":   "minutes of the objective of freshness, one each minute",
	"slo_minutes_increase5m":   "minutes of the objective of freshness in 5 minutes",
	"slo_stale_increase1m":     "whether figures were late or hidden in the last minute",
	"slo_stale_increase5m":     "minutes in which figures were late or hidden in 5 minutes",
}

// Parts of the meanings of error budgets.
const (
	budgetLeft = "share that is left of the budget of 30 days for "
	overdrawn  = "below 0 it is overdrawn; absent in the first three days"
)

// seasonMeanings holds the series of a [Seasonal] by how their names end. In them, <what>
// stands for what is expected.
var seasonMeanings = map[string]string{
	"usual":             "median of the <what> at this time of the day and week, as the past has it",
	"usual_ahead1h":     "the same an hour ahead",
	"usual_step":        "how much more than yesterday it changes in the hour ahead, as a factor",
	"expected":          "<what> to expect now",
	"lower":             "lower bound of the usual <what>",
	"upper":             "upper bound of the usual <what>",
	"width":             "distance of the bounds from the expected <what>",
	"drift":             "1 or -1 while the <what> is in the outer half of its band, above or below, and 0 in the middle",
	"residual":          "distance of the <what> from the expected, as a share of that",
	"residual_median1w": "median of that distance over a week",
	"baseline_ready":    "1 once the past is long enough to say what is usual",
}
