package alertmanager

import (
	"cmp"

	"belfry/rules/settings"
)

// passedOn holds the integrations whose keys are those of Alertmanager. Belfry adds the
// messages, and cuts none: each is cut off where its service ends it.
type passedOn struct {
	Opsgenie   []opsgenieYAML   `yaml:"opsgenie_configs,omitempty"`
	VictorOps  []victorOpsYAML  `yaml:"victorops_configs,omitempty"`
	Incidentio []incidentioYAML `yaml:"incidentio_configs,omitempty"`
	Pushover   []pushoverYAML   `yaml:"pushover_configs,omitempty"`
	Telegram   []telegramYAML   `yaml:"telegram_configs,omitempty"`
	Discord    []discordYAML    `yaml:"discord_configs,omitempty"`
	Webex      []webexYAML      `yaml:"webex_configs,omitempty"`
	Mattermost []mattermostYAML `yaml:"mattermost_configs,omitempty"`
	Rocketchat []rocketchatYAML `yaml:"rocketchat_configs,omitempty"`
	Wechat     []wechatYAML     `yaml:"wechat_configs,omitempty"`
	SNS        []snsYAML        `yaml:"sns_configs,omitempty"`
	Jira       []jiraYAML       `yaml:"jira_configs,omitempty"`
}

type (
	opsgenieYAML struct {
		settings.Opsgenie `yaml:",inline"`
		SendResolved      bool   `yaml:"send_resolved"`
		Message           string `yaml:"message"`
		Description       string `yaml:"description"`
	}
	victorOpsYAML struct {
		settings.VictorOps `yaml:",inline"`
		SendResolved       bool   `yaml:"send_resolved"`
		EntityDisplayName  string `yaml:"entity_display_name"`
		StateMessage       string `yaml:"state_message"`
	}
	incidentioYAML struct {
		settings.Incidentio `yaml:",inline"`
		SendResolved        bool `yaml:"send_resolved"`
	}
	pushoverYAML struct {
		settings.Pushover `yaml:",inline"`
		SendResolved      bool   `yaml:"send_resolved"`
		Title             string `yaml:"title"`
		Message           string `yaml:"message"`
		URL               string `yaml:"url"`
		URLTitle          string `yaml:"url_title"`
	}
	telegramYAML struct {
		settings.Telegram `yaml:",inline"`
		SendResolved      bool   `yaml:"send_resolved"`
		Message           string `yaml:"message"`
		ParseMode         string `yaml:"parse_mode"`
	}
	discordYAML struct {
		settings.Discord `yaml:",inline"`
		SendResolved     bool   `yaml:"send_resolved"`
		Title            string `yaml:"title"`
		Message          string `yaml:"message"`
	}
	webexYAML struct {
		settings.Webex `yaml:",inline"`
		SendResolved   bool   `yaml:"send_resolved"`
		Message        string `yaml:"message"`
	}
	mattermostYAML struct {
		settings.Mattermost `yaml:",inline"`
		SendResolved        bool   `yaml:"send_resolved"`
		Text                string `yaml:"text"`
	}
	rocketchatYAML struct {
		settings.Rocketchat `yaml:",inline"`
		SendResolved        bool   `yaml:"send_resolved"`
		Title               string `yaml:"title"`
		TitleLink           string `yaml:"title_link"`
		Text                string `yaml:"text"`
		Color               string `yaml:"color"`
	}
	wechatYAML struct {
		settings.Wechat `yaml:",inline"`
		SendResolved    bool   `yaml:"send_resolved"`
		Message         string `yaml:"message"`
	}
	snsYAML struct {
		settings.SNS `yaml:",inline"`
		SendResolved bool   `yaml:"send_resolved"`
		Subject      string `yaml:"subject"`
		Message      string `yaml:"message"`
	}
	jiraYAML struct {
		settings.Jira `yaml:",inline"`
		SendResolved  bool   `yaml:"send_resolved"`
		Summary       string `yaml:"summary"`
		Description   string `yaml:"description"`
	}
)

// passOn adds the messages to the integrations that are passed on.
func passOn(r settings.Receiver, resolved bool) (p passedOn) {
	headed := call("belfry.title") + "\n\n" + call("belfry.text")
	marked := call("teams.belfry.title") + "\n\n" + call("teams.belfry.text")
	for _, one := range r.Opsgenie {
		one.Priority = cmp.Or(one.Priority, call("opsgenie.belfry.priority"))
		p.Opsgenie = append(p.Opsgenie, opsgenieYAML{one, resolved, call("belfry.title"), call("belfry.text")})
	}
	for _, one := range r.VictorOps {
		p.VictorOps = append(p.VictorOps, victorOpsYAML{one, resolved, call("belfry.title"), call("belfry.text")})
	}
	for _, one := range r.Incidentio {
		p.Incidentio = append(p.Incidentio, incidentioYAML{one, resolved})
	}
	for _, one := range r.Pushover {
		p.Pushover = append(p.Pushover, pushoverYAML{
			one, resolved, call("belfry.title"), call("belfry.text"), call("belfry.first.runbook"), "Runbook",
		})
	}
	for _, one := range r.Telegram {
		p.Telegram = append(p.Telegram, telegramYAML{one, resolved, headed, ""})
	}
	for _, one := range r.Discord {
		p.Discord = append(p.Discord, discordYAML{one, resolved, call("belfry.title"), call("teams.belfry.text")})
	}
	for _, one := range r.Webex {
		p.Webex = append(p.Webex, webexYAML{one, resolved, marked})
	}
	for _, one := range r.Mattermost {
		p.Mattermost = append(p.Mattermost, mattermostYAML{one, resolved, marked})
	}
	for _, one := range r.Rocketchat {
		p.Rocketchat = append(p.Rocketchat, rocketchatYAML{
			one, resolved, call("belfry.title"), call("belfry.first.panel"), call("belfry.text"), call("belfry.color"),
		})
	}
	for _, one := range r.Wechat {
		p.Wechat = append(p.Wechat, wechatYAML{one, resolved, headed})
	}
	for _, one := range r.SNS {
		p.SNS = append(p.SNS, snsYAML{one, resolved, call("belfry.title"), call("belfry.text")})
	}
	for _, one := range r.Jira {
		p.Jira = append(p.Jira, jiraYAML{one, resolved, call("belfry.title"), call("belfry.text")})
	}
	return p
}
