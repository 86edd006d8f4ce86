package settings

import (
	"reflect"

	"belfry/rules/calendar"
)

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

// Receiver is a set of integrations that are all notified. Secrets are in files. A
// receiver without any notifies nobody, which Load takes for a mistake.
type Receiver struct {
	PagerDuty []PagerDuty `yaml:"pagerduty"`
	Slack     []Slack     `yaml:"slack"`
	Teams     []MSTeams   `yaml:"msteams"`
	Email     []Email     `yaml:"email"`
	Webhook   []Webhook   `yaml:"webhook"`

	Opsgenie   []Opsgenie   `yaml:"opsgenie"`
	VictorOps  []VictorOps  `yaml:"victorops"`
	Incidentio []Incidentio `yaml:"incidentio"`
	Pushover   []Pushover   `yaml:"pushover"`
	Telegram   []Telegram   `yaml:"telegram"`
	Discord    []Discord    `yaml:"discord"`
	Webex      []Webex      `yaml:"webex"`
	Mattermost []Mattermost `yaml:"mattermost"`
	Rocketchat []Rocketchat `yaml:"rocketchat"`
	Wechat     []Wechat     `yaml:"wechat"`
	SNS        []SNS        `yaml:"sns"`
	Jira       []Jira       `yaml:"jira"`
}

// reaches reports whether the receiver notifies anybody.
func (r Receiver) reaches() bool {
	return len(r.PagerDuty)+len(r.Slack)+len(r.Teams)+len(r.Email)+len(r.Webhook)+len(r.integrations()) > 0
}

// Plus returns a receiver that notifies through the integrations of both.
func (r Receiver) Plus(other Receiver) Receiver {
	var both Receiver
	to := reflect.ValueOf(&both).Elem()
	for _, from := range []reflect.Value{reflect.ValueOf(r), reflect.ValueOf(other)} {
		for i := range from.NumField() {
			to.Field(i).Set(reflect.AppendSlice(to.Field(i), from.Field(i)))
		}
	}
	return both
}

// PagerDuty sends events to a PagerDuty service (Events API v2).
type PagerDuty struct {
	RoutingKeyFile string `yaml:"routing_key_file"`
}

// Slack posts to a Slack channel through an incoming webhook.
type Slack struct {
	APIURLFile string `yaml:"api_url_file"`
	// Channel says where to post, such as "#notifications", or the id of a channel or
	// user.
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
	// RequireTLS refuses to send without TLS. It is on unless it is false.
	RequireTLS *bool `yaml:"require_tls"`
}

// Webhook posts Alertmanager's JSON. Exactly one of URL and URLFile is set; a URL
// with a password or token in it belongs in a file.
type Webhook struct {
	URL     string `yaml:"url"`
	URLFile string `yaml:"url_file"`
	// TokenFile holds the bearer token of the server, if it needs one.
	TokenFile string `yaml:"token_file"`
}

// TimeInterval is a recurring span of time, and TimeRange a span of a day.
type (
	TimeInterval = calendar.Interval
	TimeRange    = calendar.TimeRange
)
