package settings

// DefaultTeam names the team whose receivers and mute times apply wherever another
// team has none.
const DefaultTeam = "default"

// WatchdogReceiver names the receiver of the alert that always fires.
const WatchdogReceiver = "watchdog"

// Team says who gets a team's alerts.
type Team struct {
	// Receivers lists names of receivers by severity. A severity that is left out
	// goes to the receivers of DefaultTeam.
	Receivers map[Severity][]string `yaml:"receivers"`
	// Mute lists names of mute times by severity.
	Mute map[Severity][]string `yaml:"mute"`
}

// Receiver is a set of integrations that are all notified. Secrets are in files.
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
	// Channel says where to post, such as "#notifications".
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
	// Smarthost holds the mail server's host:port.
	Smarthost    string `yaml:"smarthost"`
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
}

// Webhook posts Alertmanager's JSON. Exactly one of URL and URLFile is set; a URL
// with a password or token in it belongs in a file.
type Webhook struct {
	URL     string `yaml:"url"`
	URLFile string `yaml:"url_file"`
}

// TimeInterval is a recurring span of time, spelled as in Alertmanager's
// time_intervals.
type TimeInterval struct {
	// Weekdays lists names or ranges such as saturday or monday:friday.
	Weekdays []string `yaml:"weekdays"`
	// Times lists spans of a day from Start to End, HH:MM.
	Times    []TimeRange `yaml:"times"`
	Location string      `yaml:"location"`
}

// TimeRange is a span of a day.
type TimeRange struct {
	Start string `yaml:"start_time"`
	End   string `yaml:"end_time"`
}
