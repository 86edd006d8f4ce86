package rules

import (
	"github.com/prometheus/common/model"
)

// Settings is the rules file: what an installation decides about alerts. The
// shipped rules.example.yaml is the defaults, their documentation and a test
// case in one; a file given to [LoadSettings] is laid over it.
type Settings struct {
	// Site is where people look.
	Site Site `yaml:"site"`
	// Thresholds replaces the thresholds of shipped alerts: the alert's name
	// without its prefix, then its severity, then the figure in the unit that
	// the shipped one has.
	Thresholds map[string]map[Severity]float64 `yaml:"thresholds"`
	// Disabled names shipped alerts, without their prefix, that are left out.
	Disabled []string `yaml:"disabled"`
	// SLOs are objectives beside the shipped ones.
	SLOs []Objective `yaml:"slos"`
	// Teams says whom each team's alerts reach.
	Teams map[string]Team `yaml:"teams"`
	// Receivers are ways to reach people, by name.
	Receivers map[string]Receiver `yaml:"receivers"`
	// MuteTimes are times at which nobody wants to be told, by name.
	MuteTimes map[string][]TimeInterval `yaml:"mute_times"`
	// Alerts are the installation's own alert rules.
	Alerts []CustomAlert `yaml:"alerts"`
}

// Site is the addresses that messages link to.
type Site struct {
	// Grafana is the address of Grafana, Prometheus and Alertmanager those of
	// the servers as a browser reaches them, Runbooks where rules/runbooks is
	// published. None ends in a slash.
	Grafana      string `yaml:"grafana"`
	Prometheus   string `yaml:"prometheus"`
	Alertmanager string `yaml:"alertmanager"`
	Runbooks     string `yaml:"runbooks"`
}

// Objective is a service level objective that a settings file states.
type Objective struct {
	// Name is one lower-case word; it becomes part of series' names.
	Name  string `yaml:"name"`
	Title string `yaml:"title"`
	Team  string `yaml:"team"`
	// Objective is the share that must be good over the window of 30 days.
	Objective float64 `yaml:"objective"`
	// Per is the label for each value of which the objective is held: channel,
	// category or provider; empty for one objective over all.
	Per string `yaml:"per"`
	// Total counts what is judged. Exactly one of Good and Bad is set.
	Total Selector  `yaml:"total"`
	Good  *Selector `yaml:"good"`
	Bad   *Selector `yaml:"bad"`
	// MinBad is how many must be bad within the long window before anybody is
	// told: the guard against low traffic.
	MinBad float64 `yaml:"min_bad"`
}

// Selector picks series of a counter family of the catalogue.
type Selector struct {
	Metric string `yaml:"metric"`
	// Match maps labels to the value, or to a regular expression between
	// slashes, such as /ses|sendgrid/.
	Match map[string]string `yaml:"match"`
}

// Team is whom its alerts reach.
type Team struct {
	// Receivers lists names of receivers by severity. A severity that is left
	// out goes where the team "default" sends it.
	Receivers map[Severity][]string `yaml:"receivers"`
	// Mute lists names of mute times by severity.
	Mute map[Severity][]string `yaml:"mute"`
}

// Receiver is a set of integrations that are all told. Secrets are in files.
type Receiver struct {
	PagerDuty []PagerDuty `yaml:"pagerduty"`
	Slack     []Slack     `yaml:"slack"`
	Teams     []MSTeams   `yaml:"msteams"`
	Email     []Email     `yaml:"email"`
	Webhook   []Webhook   `yaml:"webhook"`
}

// PagerDuty sends events to a PagerDuty service (Events API v2).
type PagerDuty struct {
	RoutingKeyFile string `yaml:"routing_key_file"`
}

// Slack posts to a Slack channel through an incoming webhook.
type Slack struct {
	APIURLFile string `yaml:"api_url_file"`
	// Channel is where to post, such as "#notifications".
	Channel string `yaml:"channel"`
}

// MSTeams posts to a Microsoft Teams channel through a workflow's webhook.
type MSTeams struct {
	WebhookURLFile string `yaml:"webhook_url_file"`
}

// Email sends mail.
type Email struct {
	To   string `yaml:"to"`
	From string `yaml:"from"`
	// Smarthost is the mail server's host:port.
	Smarthost    string `yaml:"smarthost"`
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
}

// Webhook posts Alertmanager's JSON. Exactly one of URL and URLFile is set; an
// address with a password or token in it belongs into a file.
type Webhook struct {
	URL     string `yaml:"url"`
	URLFile string `yaml:"url_file"`
}

// TimeInterval is a recurring span of time, spelt as Alertmanager's
// time_intervals are.
type TimeInterval struct {
	// Weekdays are names or ranges such as saturday or monday:friday.
	Weekdays []string `yaml:"weekdays"`
	// Times are spans of a day from Start to End, HH:MM.
	Times    []TimeRange `yaml:"times"`
	Location string      `yaml:"location"`
}

// TimeRange is a span of a day.
type TimeRange struct {
	Start string `yaml:"start_time"`
	End   string `yaml:"end_time"`
}

// CustomAlert is an installation's own alert rule.
type CustomAlert struct {
	// ID is a short name in lower case and hyphens; Name becomes the alertname.
	ID          string `yaml:"id"`
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	// Metric is the short name of a recorded ratio, rate, quantile or of a
	// gauge of the catalogue, see [ShortNames].
	Metric    string            `yaml:"metric"`
	Match     map[string]string `yaml:"match"`
	Condition Condition         `yaml:"condition"`
	Severity  Severity          `yaml:"severity"`
	Team      string            `yaml:"team"`
	// Channels are names of receivers; without any the team's are told.
	Channels []string `yaml:"channels"`
	Enabled  *bool    `yaml:"enabled"`
	// CooldownPeriod is in minutes: how long the alert outlives its condition,
	// so that it tells once of a fault that comes and goes.
	CooldownPeriod int `yaml:"cooldownPeriod"`
}

// Condition is when a custom alert fires.
type Condition struct {
	// Operator is gt, gte, lt, lte, eq or ne.
	Operator  string  `yaml:"operator"`
	Threshold float64 `yaml:"threshold"`
	// TimeWindow is what the metric is averaged over.
	TimeWindow model.Duration `yaml:"timeWindow"`
	// ConsecutiveViolations is how many evaluations in a row must violate.
	ConsecutiveViolations int `yaml:"consecutiveViolations"`
	// PercentageChange, where it is not 0, is by how many percent the metric
	// must also have changed against CompareTo earlier, by default one
	// TimeWindow; MinEvents is how many notifications the window must hold.
	PercentageChange float64        `yaml:"percentageChange"`
	CompareTo        model.Duration `yaml:"compareTo"`
	MinEvents        float64        `yaml:"minEvents"`
}
