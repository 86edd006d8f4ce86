package settings

import (
	"errors"
	"strconv"
)

// The integrations below take Alertmanager's own keys, which its documentation
// explains, and pass them on. Messages are Belfry's, and each secret is in a file.

// HTTP says how to authenticate where an integration has no key of its own for it, and
// which way to take.
type HTTP struct {
	Authorization *Authorization `yaml:"authorization,omitempty"`
	BasicAuth     *BasicAuth     `yaml:"basic_auth,omitempty"`
	ProxyURL      string         `yaml:"proxy_url,omitempty"`
}

// Authorization sends a header with a type, Bearer by default, and a secret.
type Authorization struct {
	Type            string `yaml:"type,omitempty"`
	CredentialsFile string `yaml:"credentials_file"`
}

// BasicAuth sends a user and a password.
type BasicAuth struct {
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
}

// Opsgenie creates alerts in Opsgenie.
type Opsgenie struct {
	APIKeyFile   string      `yaml:"api_key_file"`
	APIURL       string      `yaml:"api_url,omitempty"`
	Responders   []Responder `yaml:"responders,omitempty"`
	Tags         string      `yaml:"tags,omitempty"`
	Entity       string      `yaml:"entity,omitempty"`
	Actions      string      `yaml:"actions,omitempty"`
	Priority     string      `yaml:"priority,omitempty"`
	UpdateAlerts bool        `yaml:"update_alerts,omitempty"`
	HTTPConfig   *HTTP       `yaml:"http_config,omitempty"`
}

// Responder names a team, a user, a schedule or an escalation of Opsgenie.
type Responder struct {
	ID       string `yaml:"id,omitempty"`
	Name     string `yaml:"name,omitempty"`
	Username string `yaml:"username,omitempty"`
	Type     string `yaml:"type"`
}

// VictorOps creates incidents in Splunk On-Call.
type VictorOps struct {
	APIKeyFile   string            `yaml:"api_key_file"`
	APIURL       string            `yaml:"api_url,omitempty"`
	RoutingKey   string            `yaml:"routing_key"`
	MessageType  string            `yaml:"message_type,omitempty"`
	CustomFields map[string]string `yaml:"custom_fields,omitempty" strict:"prose"`
	HTTPConfig   *HTTP             `yaml:"http_config,omitempty"`
}

// Incidentio creates alerts in incident.io. Exactly one of URL and URLFile is set.
type Incidentio struct {
	URL                  string `yaml:"url,omitempty"`
	URLFile              string `yaml:"url_file,omitempty"`
	AlertSourceTokenFile string `yaml:"alert_source_token_file"`
	HTTPConfig           *HTTP  `yaml:"http_config,omitempty"`
}

// Pushover sends to devices.
type Pushover struct {
	UserKeyFile string `yaml:"user_key_file"`
	TokenFile   string `yaml:"token_file"`
	Device      string `yaml:"device,omitempty"`
	Sound       string `yaml:"sound,omitempty"`
	Priority    string `yaml:"priority,omitempty"`
	Retry       string `yaml:"retry,omitempty"`
	Expire      string `yaml:"expire,omitempty"`
	TTL         string `yaml:"ttl,omitempty"`
	HTTPConfig  *HTTP  `yaml:"http_config,omitempty"`
}

// ChatID identifies a chat of Telegram. Those of groups and channels are negative.
type ChatID int64

// UnmarshalText reads a whole number.
func (c *ChatID) UnmarshalText(text []byte) error {
	id, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || id == 0 {
		return errors.New("not the id of a chat: use the whole number that Telegram shows, such as -1001234567890")
	}
	*c = ChatID(id)
	return nil
}

// Telegram sends to a chat. Exactly one of ChatID and ChatIDFile is set.
type Telegram struct {
	BotTokenFile         string `yaml:"bot_token_file"`
	APIURL               string `yaml:"api_url,omitempty"`
	ChatID               ChatID `yaml:"chat_id,omitempty"`
	ChatIDFile           string `yaml:"chat_id_file,omitempty"`
	MessageThreadID      int    `yaml:"message_thread_id,omitempty"`
	DisableNotifications bool   `yaml:"disable_notifications,omitempty"`
	HTTPConfig           *HTTP  `yaml:"http_config,omitempty"`
}

// Discord posts to a channel.
type Discord struct {
	WebhookURLFile string `yaml:"webhook_url_file"`
	Username       string `yaml:"username,omitempty"`
	AvatarURL      string `yaml:"avatar_url,omitempty"`
	HTTPConfig     *HTTP  `yaml:"http_config,omitempty"`
}

// Webex posts to a room, with the token of a bot in HTTPConfig.
type Webex struct {
	APIURL     string `yaml:"api_url,omitempty"`
	RoomID     string `yaml:"room_id"`
	HTTPConfig *HTTP  `yaml:"http_config"`
}

// Mattermost posts to a channel.
type Mattermost struct {
	WebhookURLFile string `yaml:"webhook_url_file"`
	Channel        string `yaml:"channel,omitempty"`
	Username       string `yaml:"username,omitempty"`
	IconURL        string `yaml:"icon_url,omitempty"`
	HTTPConfig     *HTTP  `yaml:"http_config,omitempty"`
}

// Rocketchat posts to a channel.
type Rocketchat struct {
	APIURL      string `yaml:"api_url,omitempty"`
	TokenIDFile string `yaml:"token_id_file"`
	TokenFile   string `yaml:"token_file"`
	Channel     string `yaml:"channel"`
	HTTPConfig  *HTTP  `yaml:"http_config,omitempty"`
}

// Wechat sends through WeCom.
type Wechat struct {
	APISecretFile string `yaml:"api_secret_file"`
	CorpID        string `yaml:"corp_id"`
	APIURL        string `yaml:"api_url,omitempty"`
	ToUser        string `yaml:"to_user,omitempty"`
	ToParty       string `yaml:"to_party,omitempty"`
	ToTag         string `yaml:"to_tag,omitempty"`
	AgentID       string `yaml:"agent_id,omitempty"`
	HTTPConfig    *HTTP  `yaml:"http_config,omitempty"`
}

// SNS publishes to Amazon's Simple Notification Service. Exactly one of TopicARN,
// TargetARN and PhoneNumber is set. The keys of the account come from Alertmanager's
// environment, from a profile or from a role.
type SNS struct {
	APIURL      string            `yaml:"api_url,omitempty"`
	Sigv4       Sigv4             `yaml:"sigv4"`
	TopicARN    string            `yaml:"topic_arn,omitempty"`
	TargetARN   string            `yaml:"target_arn,omitempty"`
	PhoneNumber string            `yaml:"phone_number,omitempty"`
	Attributes  map[string]string `yaml:"attributes,omitempty" strict:"prose"`
}

// Sigv4 says as whom to sign requests to Amazon.
type Sigv4 struct {
	Region  string `yaml:"region,omitempty"`
	Profile string `yaml:"profile,omitempty"`
	RoleARN string `yaml:"role_arn,omitempty"`
}

// Jira creates issues, with the credentials in HTTPConfig.
type Jira struct {
	APIURL            string   `yaml:"api_url"`
	APIType           string   `yaml:"api_type,omitempty"`
	Project           string   `yaml:"project"`
	IssueType         string   `yaml:"issue_type"`
	Labels            []string `yaml:"labels,omitempty"`
	Priority          string   `yaml:"priority,omitempty"`
	ReopenTransition  string   `yaml:"reopen_transition,omitempty"`
	ResolveTransition string   `yaml:"resolve_transition,omitempty"`
	WontFixResolution string   `yaml:"wont_fix_resolution,omitempty"`
	ReopenDuration    string   `yaml:"reopen_duration,omitempty"`
	HTTPConfig        *HTTP    `yaml:"http_config"`
}
