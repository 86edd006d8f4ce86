package settings

import (
	"cmp"
	"fmt"
)

// key is a key of an integration with what it holds, to check it.
type key struct {
	name, value string
	what        string // that is missing without it; empty if it may be left out
	is          keyKind
}

// keyKind says what a key holds.
type keyKind int

const (
	isText keyKind = iota
	isFile
	isURL
)

// SecretFile is a file that the operator must write.
type SecretFile struct{ Path, What string }

// integration is an entry of a receiver that is passed on.
type integration struct {
	path string // below the receiver, such as opsgenie[0]
	keys []key
}

// integrations returns those that are passed on.
func (r Receiver) integrations() []integration {
	var all []integration
	add := func(name string, i int, http *HTTP, keys ...key) {
		all = append(all, integration{fmt.Sprintf("%s[%d]", name, i), append(keys, http.keys()...)})
	}
	for i, o := range r.Opsgenie {
		add("opsgenie", i, o.HTTPConfig,
			key{"api_key_file", o.APIKeyFile, "API key of an Opsgenie integration", isFile},
			key{"api_url", o.APIURL, "", isURL})
	}
	for i, v := range r.VictorOps {
		add("victorops", i, v.HTTPConfig, key{"api_key_file", v.APIKeyFile, "API key of Splunk On-Call", isFile},
			key{"routing_key", v.RoutingKey, "name of the route in Splunk On-Call", isText},
			key{"api_url", v.APIURL, "", isURL})
	}
	for i, o := range r.Incidentio {
		add("incidentio", i, o.HTTPConfig,
			key{"alert_source_token_file", o.AlertSourceTokenFile, "token of an alert source of incident.io", isFile},
			key{"url", o.URL, "", isURL}, key{"url_file", o.URLFile, "", isFile})
	}
	for i, p := range r.Pushover {
		add("pushover", i, p.HTTPConfig, key{"user_key_file", p.UserKeyFile, "key of a Pushover user or group", isFile},
			key{"token_file", p.TokenFile, "token of a Pushover application", isFile})
	}
	for i, t := range r.Telegram {
		add("telegram", i, t.HTTPConfig, key{"bot_token_file", t.BotTokenFile, "token of a Telegram bot", isFile},
			key{"chat_id_file", t.ChatIDFile, "", isFile}, key{"api_url", t.APIURL, "", isURL})
	}
	for i, d := range r.Discord {
		add("discord", i, d.HTTPConfig, key{"webhook_url_file", d.WebhookURLFile, "URL of a Discord webhook", isFile})
	}
	for i, w := range r.Webex {
		add("webex", i, w.HTTPConfig, key{"room_id", w.RoomID, "id of the room", isText},
			key{"api_url", w.APIURL, "", isURL})
	}
	for i, m := range r.Mattermost {
		add("mattermost", i, m.HTTPConfig,
			key{"webhook_url_file", m.WebhookURLFile, "URL of a Mattermost incoming webhook", isFile})
	}
	for i, c := range r.Rocketchat {
		add("rocketchat", i, c.HTTPConfig, key{"token_id_file", c.TokenIDFile, "id of a Rocket.Chat token", isFile},
			key{"token_file", c.TokenFile, "Rocket.Chat token", isFile},
			key{"channel", c.Channel, `channel, such as "#alerts"`, isText}, key{"api_url", c.APIURL, "", isURL})
	}
	for i, w := range r.Wechat {
		add("wechat", i, w.HTTPConfig, key{"api_secret_file", w.APISecretFile, "secret of a WeCom application", isFile},
			key{"corp_id", w.CorpID, "id of the corporation", isText}, key{"api_url", w.APIURL, "", isURL})
	}
	for i, s := range r.SNS {
		add("sns", i, nil, key{"api_url", s.APIURL, "", isURL})
	}
	for i, j := range r.Jira {
		add("jira", i, j.HTTPConfig, key{"api_url", j.APIURL, "address of Jira's API", isURL},
			key{"project", j.Project, "key of the project", isText},
			key{"issue_type", j.IssueType, "type, such as Task", isText})
	}
	return all
}

// SecretFiles returns the files of the integrations that are passed on.
func (r Receiver) SecretFiles() []SecretFile {
	var all []SecretFile
	for _, one := range r.integrations() {
		for _, k := range one.keys {
			if k.is == isFile && k.value != "" {
				all = append(all, SecretFile{k.value, cmp.Or(k.what, k.name+" of "+one.path)})
			}
		}
	}
	return all
}

// keys returns the keys to check; there are none without a configuration.
func (h *HTTP) keys() []key {
	if h == nil {
		return nil
	}
	all := []key{{"http_config.proxy_url", h.ProxyURL, "", isURL}}
	if a := h.Authorization; a != nil {
		all = append(all, key{"http_config.authorization.credentials_file", a.CredentialsFile, "credentials", isFile})
	}
	if b := h.BasicAuth; b != nil {
		all = append(all, key{"http_config.basic_auth.username", b.Username, "name of the user", isText},
			key{"http_config.basic_auth.password_file", b.PasswordFile, "password of " + b.Username, isFile})
	}
	return all
}

// passedOn checks the integrations that are passed on, as far as Alertmanager would
// refuse them when it starts or could not send.
func (c *check) passedOn(path string, r Receiver) {
	for _, one := range r.integrations() {
		for _, k := range one.keys {
			c.key(path+"."+one.path+"."+k.name, k)
		}
	}
	for i := range r.Telegram {
		c.oneOfKeys(fmt.Sprintf("%s.telegram[%d]", path, i), "chat_id", "chat_id_file")
	}
	for i := range r.Incidentio {
		c.oneOfKeys(fmt.Sprintf("%s.incidentio[%d]", path, i), "url", "url_file")
	}
	for i, s := range r.SNS {
		c.sns(fmt.Sprintf("%s.sns[%d]", path, i), s)
	}
	for i, w := range r.Webex {
		c.authenticates(fmt.Sprintf("%s.webex[%d]", path, i), w.HTTPConfig)
	}
	for i, j := range r.Jira {
		c.authenticates(fmt.Sprintf("%s.jira[%d]", path, i), j.HTTPConfig)
	}
}

func (c *check) key(path string, k key) {
	switch {
	case k.is == isFile && (k.what != "" || c.Has(path)):
		c.secretFile(path, k.value)
	case k.what != "" && !c.Needed(path, "the "+k.what):
	case k.is == isURL && c.Has(path):
		c.address(path, k.value)
	}
}

func (c *check) sns(path string, s SNS) {
	set := 0
	for _, target := range []string{s.TopicARN, s.TargetARN, s.PhoneNumber} {
		if target != "" {
			set++
		}
	}
	if set != 1 {
		c.Wrong(path+".topic_arn", "%d of topic_arn, target_arn and phone_number are set: set one", set)
	}
}

// authenticates adds a mistake for an integration without credentials.
func (c *check) authenticates(path string, h *HTTP) {
	if h == nil || h.Authorization == nil && h.BasicAuth == nil {
		c.Wrong(path+".http_config", "lacks credentials: set http_config.authorization.credentials_file, or basic_auth")
	}
}
