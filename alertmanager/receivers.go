package alertmanager

import "slices"

// Receivers says where the messages of each kind go. A receiver without any
// integration drops its messages.
type Receivers struct {
	// Pager wakes somebody up.
	Pager Receiver
	// Chat is read by the team during the day, and shows what is being paged.
	Chat Receiver
	// Digest is read when there is time.
	Digest Receiver
	// Watchdog is the dead man's switch, which raises the alarm when it is not
	// told for a few minutes that alerting works.
	Watchdog Receiver
}

// Receiver is a set of integrations that are all told.
type Receiver struct {
	PagerDuty []PagerDuty
	Slack     []Slack
	Webhook   []Webhook
}

// PagerDuty sends events to a PagerDuty service.
type PagerDuty struct {
	// RoutingKeyFile holds the integration key (Events API v2).
	RoutingKeyFile string
}

// Slack posts messages to a Slack channel.
type Slack struct {
	// APIURLFile holds the address of an incoming webhook.
	APIURLFile string
	// Channel is where to post, such as "#notifications".
	Channel string
}

// Webhook posts Alertmanager's JSON to an address. Either URL or URLFile is set;
// one with a password or token in it belongs into a file.
type Webhook struct {
	URL, URLFile string
}

// secretsDir is where the shipped receivers read their secrets. Alertmanager
// takes such paths as they are, not relative to its configuration.
const secretsDir = "/etc/alertmanager/secrets/"

// Shipped are the receivers of the generated file.
func Shipped() Receivers {
	slack := func(channel string) Receiver {
		return Receiver{Slack: []Slack{{APIURLFile: secretsDir + "slack_url", Channel: channel}}}
	}
	return Receivers{
		Pager:    Receiver{PagerDuty: []PagerDuty{{RoutingKeyFile: secretsDir + "pagerduty_routing_key"}}},
		Chat:     slack("#notifications"),
		Digest:   slack("#notifications-digest"),
		Watchdog: Receiver{Webhook: []Webhook{{URLFile: secretsDir + "watchdog_url"}}},
	}
}

// Webhooks sends everything to one web server, at base with /pager, /chat,
// /digest and /watchdog behind it. A critical alert therefore comes twice, as it
// does for people.
func Webhooks(base string) Receivers {
	to := func(path string) Receiver { return Receiver{Webhook: []Webhook{{URL: base + path}}} }
	return Receivers{Pager: to("/pager"), Chat: to("/chat"), Digest: to("/digest"), Watchdog: to("/watchdog")}
}

// The names of the receivers in the configuration.
const (
	pager        = "pager"
	pagerAndChat = "pager-and-chat"
	chat         = "chat"
	digest       = "digest"
	watchdog     = "watchdog"
)

// list renders the receivers that the tree names.
func (r Receivers) list() []receiver {
	both := Receiver{
		PagerDuty: slices.Concat(r.Pager.PagerDuty, r.Chat.PagerDuty),
		Slack:     slices.Concat(r.Pager.Slack, r.Chat.Slack),
		Webhook:   slices.Concat(r.Pager.Webhook, r.Chat.Webhook),
	}
	return []receiver{
		r.Pager.named(pager), both.named(pagerAndChat), r.Chat.named(chat), r.Digest.named(digest), r.Watchdog.named(watchdog),
	}
}

// receiver and the types below mirror Alertmanager's own.
type receiver struct {
	Name      string          `yaml:"name"`
	PagerDuty []pagerDutyYAML `yaml:"pagerduty_configs,omitempty"`
	Slack     []slackYAML     `yaml:"slack_configs,omitempty"`
	Webhook   []webhookYAML   `yaml:"webhook_configs,omitempty"`
}

type pagerDutyYAML struct {
	RoutingKeyFile string            `yaml:"routing_key_file"`
	SendResolved   bool              `yaml:"send_resolved"`
	Description    string            `yaml:"description"`
	Severity       string            `yaml:"severity"`
	Component      string            `yaml:"component"`
	Details        map[string]string `yaml:"details"`
	Links          []linkYAML        `yaml:"links"`
}

type linkYAML struct {
	Href string `yaml:"href"`
	Text string `yaml:"text"`
}

type slackYAML struct {
	APIURLFile   string `yaml:"api_url_file"`
	Channel      string `yaml:"channel"`
	SendResolved bool   `yaml:"send_resolved"`
	Color        string `yaml:"color"`
	Title        string `yaml:"title"`
	TitleLink    string `yaml:"title_link"`
	Text         string `yaml:"text"`
}

type webhookYAML struct {
	URL          string `yaml:"url,omitempty"`
	URLFile      string `yaml:"url_file,omitempty"`
	SendResolved bool   `yaml:"send_resolved"`
}

func (r Receiver) named(name string) receiver {
	out := receiver{Name: name}
	for _, p := range r.PagerDuty {
		out.PagerDuty = append(out.PagerDuty, pagerDutyYAML{
			RoutingKeyFile: p.RoutingKeyFile, SendResolved: true,
			Description: template("belfry.title"), Component: "{{ .CommonLabels.channel }}",
			Severity: "critical", // PagerDuty knows no emergency, and nothing less is paged
			Details:  map[string]string{"what": template("belfry.text")},
			Links: []linkYAML{
				{template("belfry.runbook"), "Runbook"}, {template("belfry.panel"), "Dashboard"}, {template("belfry.silence"), "Silence"},
			},
		})
	}
	for _, s := range r.Slack {
		out.Slack = append(out.Slack, slackYAML{
			APIURLFile: s.APIURLFile, Channel: s.Channel, SendResolved: true, Color: template("belfry.color"),
			Title: template("belfry.title"), TitleLink: template("belfry.panel"), Text: template("belfry.slack"),
		})
	}
	for _, w := range r.Webhook {
		// The watchdog ends when Prometheus falls silent. Told of that, the switch
		// would take it for a sign of life.
		out.Webhook = append(out.Webhook, webhookYAML{URL: w.URL, URLFile: w.URLFile, SendResolved: name != watchdog})
	}
	return out
}

// template calls one of templates/belfry.tmpl.
func template(name string) string { return `{{ template "` + name + `" . }}` }

// usesTemplates reports whether any message is put into words; webhooks get JSON.
func usesTemplates(receivers []receiver) bool {
	return slices.ContainsFunc(receivers, func(r receiver) bool { return len(r.PagerDuty)+len(r.Slack) > 0 })
}

// secret is a file that the operator must fill.
type secret struct{ path, what string }

func (r receiver) secrets() []secret {
	var all []secret
	for _, p := range r.PagerDuty {
		all = append(all, secret{p.RoutingKeyFile, "integration key of a PagerDuty service (Events API v2)"})
	}
	for _, s := range r.Slack {
		all = append(all, secret{s.APIURLFile, "address of a Slack incoming webhook"})
	}
	for _, w := range r.Webhook {
		if w.URLFile != "" {
			all = append(all, secret{w.URLFile, "address that is told every minute or so that alerting works"})
		}
	}
	return all
}
