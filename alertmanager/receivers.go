package alertmanager

import (
	"maps"
	"reflect"
	"slices"

	"belfry/rules/settings"
)

// Webhooks returns receivers that post everything to one web server, each to a path
// with its name, such as /pager. They replace those of the settings in the demo and
// in tests. An alert for two receivers arrives twice, as it does for people.
func Webhooks(server string) map[string]settings.Receiver {
	all := map[string]settings.Receiver{}
	for name := range settings.Default().Receivers {
		all[name] = settings.Receiver{Webhook: []settings.Webhook{{URL: server + "/" + name}}}
	}
	return all
}

// receiver and the types below mirror Alertmanager's own.
type receiver struct {
	Name      string          `yaml:"name"`
	PagerDuty []pagerDutyYAML `yaml:"pagerduty_configs,omitempty"`
	Slack     []slackYAML     `yaml:"slack_configs,omitempty"`
	Teams     []teamsYAML     `yaml:"msteamsv2_configs,omitempty"`
	Email     []emailYAML     `yaml:"email_configs,omitempty"`
	Webhook   []webhookYAML   `yaml:"webhook_configs,omitempty"`
	passedOn  `yaml:",inline"`
}

type pagerDutyYAML struct {
	RoutingKeyFile string            `yaml:"routing_key_file"`
	SendResolved   bool              `yaml:"send_resolved"`
	Description    string            `yaml:"description"`
	Severity       string            `yaml:"severity"`
	Class          string            `yaml:"class"`
	Component      string            `yaml:"component"`
	Group          string            `yaml:"group"`
	ClientURL      string            `yaml:"client_url"`
	Details        map[string]string `yaml:"details"`
	Links          []linkYAML        `yaml:"links"`
}

type linkYAML struct {
	Href string `yaml:"href"`
	Text string `yaml:"text"`
}

type slackYAML struct {
	APIURLFile   string `yaml:"api_url_file"`
	Channel      string `yaml:"channel,omitempty"`
	SendResolved bool   `yaml:"send_resolved"`
	Color        string `yaml:"color"`
	Title        string `yaml:"title"`
	TitleLink    string `yaml:"title_link"`
	Text         string `yaml:"text"`
	Fallback     string `yaml:"fallback"`
}

type teamsYAML struct {
	WebhookURLFile string `yaml:"webhook_url_file"`
	SendResolved   bool   `yaml:"send_resolved"`
	Title          string `yaml:"title"`
	Text           string `yaml:"text"`
}

type emailYAML struct {
	To               string            `yaml:"to"`
	From             string            `yaml:"from"`
	Smarthost        string            `yaml:"smarthost"`
	AuthUsername     string            `yaml:"auth_username,omitempty"`
	AuthPasswordFile string            `yaml:"auth_password_file,omitempty"`
	RequireTLS       *bool             `yaml:"require_tls,omitempty"`
	SendResolved     bool              `yaml:"send_resolved"`
	Headers          map[string]string `yaml:"headers"`
	HTML             string            `yaml:"html"`
	Text             string            `yaml:"text"`
}

type webhookYAML struct {
	URL          string    `yaml:"url,omitempty"`
	URLFile      string    `yaml:"url_file,omitempty"`
	SendResolved bool      `yaml:"send_resolved"`
	HTTPConfig   *httpYAML `yaml:"http_config,omitempty"`
}

// httpYAML carries a bearer token.
type httpYAML struct {
	Authorization struct {
		CredentialsFile string `yaml:"credentials_file"`
	} `yaml:"authorization"`
}

// withToken returns nil for no file.
func withToken(file string) *httpYAML {
	if file == "" {
		return nil
	}
	var h httpYAML
	h.Authorization.CredentialsFile = file
	return &h
}

// receivers returns those of the settings, ordered by name, then those that the tree
// combines.
func (r *router) receivers() []receiver {
	var all []receiver
	for _, name := range slices.Sorted(maps.Keys(r.settings.Receivers)) {
		all = append(all, render(name, r.settings.Receivers[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(r.combined)) {
		var both settings.Receiver
		for _, part := range r.combined[name] {
			both = both.Plus(r.settings.Receivers[part])
		}
		all = append(all, render(name, both))
	}
	return all
}

// render adds the templates of a receiver's messages; webhooks get JSON.
func render(name string, r settings.Receiver) receiver {
	// The watchdog resolves when Prometheus falls silent. The switch would take that
	// message for a sign of life.
	resolved := name != settings.WatchdogReceiver
	out := receiver{Name: name, passedOn: passOn(r, resolved)}
	for _, p := range r.PagerDuty {
		out.PagerDuty = append(out.PagerDuty, pagerDuty(p, resolved))
	}
	for _, s := range r.Slack {
		out.Slack = append(out.Slack, slackYAML{
			APIURLFile: s.APIURLFile, Channel: s.Channel, SendResolved: resolved, Color: call("belfry.color"),
			Title: call("slack.belfry.title"), TitleLink: call("belfry.first.panel"),
			Text: call("slack.belfry.text"), Fallback: call("slack.belfry.title"),
		})
	}
	for _, t := range r.Teams {
		out.Teams = append(out.Teams, teamsYAML{
			WebhookURLFile: t.WebhookURLFile, SendResolved: resolved,
			Title: call("teams.belfry.title"), Text: call("teams.belfry.text"),
		})
	}
	for _, e := range r.Email {
		out.Email = append(out.Email, emailYAML{
			To: e.To, From: e.From, Smarthost: e.Smarthost, AuthUsername: e.Username, AuthPasswordFile: e.PasswordFile,
			RequireTLS: e.RequireTLS, SendResolved: resolved,
			Headers: map[string]string{"Subject": call("email.belfry.subject")},
			HTML:    call("email.belfry.html"), Text: call("email.belfry.text"),
		})
	}
	for _, w := range r.Webhook {
		out.Webhook = append(out.Webhook, webhookYAML{
			URL: w.URL, URLFile: w.URLFile, SendResolved: resolved, HTTPConfig: withToken(w.TokenFile),
		})
	}
	return out
}

func pagerDuty(p settings.PagerDuty, resolved bool) pagerDutyYAML {
	return pagerDutyYAML{
		RoutingKeyFile: p.RoutingKeyFile, SendResolved: resolved,
		Description: call("belfry.title"), Severity: call("pagerduty.belfry.severity"),
		Class:     call("pagerduty.belfry.class"),
		Component: call("pagerduty.belfry.component"), Group: call("pagerduty.belfry.group"),
		ClientURL: call("belfry.alertmanager"),
		Details:   map[string]string{"firing": call("belfry.firing"), "resolved": call("belfry.resolved")},
		Links: []linkYAML{
			{call("belfry.first.runbook"), "Runbook"}, {call("belfry.first.panel"), "Dashboard"},
			{call("belfry.common.silence"), "Silence"},
		},
	}
}

// call calls one of templates/*.tmpl.
func call(name string) string { return `{{ template "` + name + `" . }}` }

// usesTemplates reports whether any message needs templates. What goes to a webhook or to
// incident.io is Alertmanager's own.
func usesTemplates(receivers []receiver) bool {
	return slices.ContainsFunc(receivers, func(r receiver) bool {
		r.Name, r.Webhook, r.Incidentio = "", nil, nil
		return !reflect.ValueOf(r).IsZero()
	})
}
