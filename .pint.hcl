# Exceptions for pint (github.com/cloudflare/pint), which checks Prometheus rules:
#
#     pint lint rules/*.yaml
#
# Each names as few rules or series as it can, after one reason. A test holds them to the rules.
# Those of promql/counter and promql/series matter if it reads a Prometheus: `make lint-shipped PROMETHEUS=URL`.

check "rule/dependency" {
  ignoreGroupMismatch = [
    # Tiles: increases over exactly one interval. A longer one adds up those that are there, at its own end.
    ".+:increase(1m|5m|1h)",
    # Objectives change with the rules file alone, so the value of the interval before is the same.
    "channel:notification_objective:.+",
    # The best of a day, the usual of weeks and its bounds: one interval of lag does not change them.
    "(channel|channel_provider):notification_delivered_per_sent:ratio_rate5m",
    "channel:notification_sent:rate5m(_lower|_upper)?",
    "channel:notification_opened_per_delivered:ratio_rate1h(_lower)?",
    # A divisor of 5 minutes that is 30 seconds older: recording it twice would cost more than it mends.
    "channel_provider:notification_(sent|delivered):rate5m",
  ]
}

check "promql/series" {
  ignoreLabelsValue = {
    # A kind of error and a stage such as complained appear with the first one.
    "notification_errors_total" = ["error_code"]
    "notification_stage_total"  = ["stage"]
  }
}

rule {
  # Hours and days are recorded when they are over, and read over ranges, never at one instant.
  match {
    name = ".+:increase_(hour|day)|job:notification_(hour|day):complete"
  }
  disable = ["group/interval"]
}

rule {
  # It fires as long as alerting works: whoever receives it raises the alarm when it ends.
  match {
    name = "NotificationWatchdog"
  }
  disable = ["alerts/comparison"]
}

rule {
  # Prometheus itself writes the path of the file and the name of the group into one label, rule_group.
  match {
    name = "NotificationRuleEvaluationFailing"
  }
  match {
    name = "notification_alert_(condition|value)"
    label "rule" {
      value = "NotificationRuleEvaluationFailing"
    }
  }
  disable = ["promql/regexp"]
}

rule {
  # A tile is the difference of two values of a counter, which restarts are kept out of, so that tiles add up exactly.
  match {
    name = "series:.+:(last|start)[15]m"
  }
  disable = ["promql/counter"]
}

rule {
  # Where a counter stood before it restarted is recorded after restarts only, and tiles are away while they are added.
  match {
    name = ".+:increase[15]m|series:.+:start[15]m"
  }
  disable = ["promql/series"]
}

rule {
  # These exist only while or after it happens: an experiment runs, an alert was acknowledged, a report failed, a label
  # was full, a family was broken, a provider was silent; or once figures by country or by version of the app are on.
  match {
    name = "Notification(AlertUnacknowledged|ReportFailed|SeriesLimited|MetricsLeftOut|ProviderDown)"
  }
  match {
    name = "NotificationExperiment(GuardrailBreach|Decided)"
  }
  match {
    name = "notification_alert_(condition|value)"
    label "rule" {
      value = "Notification(ReportFailed|SeriesLimited|MetricsLeftOut|ProviderDown)"
    }
  }
  match {
    name = "notification_alert_condition"
    label "rule" {
      value = "NotificationExperiment(GuardrailBreach|Decided)"
    }
  }
  match {
    name = "series:notification_(country|app_version)_stage:last5m"
  }
  disable = ["promql/series"]
}
