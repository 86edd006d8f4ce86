package alertmanager

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"strings"
	"text/template"

	"belfry/exporter/glyph"
	"belfry/rules"
	"belfry/rules/settings"
)

//go:embed messages/*.tmpl
var messageSources embed.FS

// messageFiles holds the generated templates below the folder templates.
var messageFiles = []string{"belfry.tmpl", "email.tmpl", "slack.tmpl", "teams.tmpl"}

// renderMessages returns the templates of messages: path below the module root to
// content. Each message tells the worst alerts that its medium's limit allows, and
// counts the rest.
//
// Go expands the parts of messages/parts.tmpl into the places that use them, since a
// template of Alertmanager can only print what it makes, and a message must be
// measured before it is printed. They use what Alertmanager 0.28 offers, which has
// neither lists nor arithmetic.
func renderMessages(s settings.Site) (map[string][]byte, error) {
	e := &expansion{Acknowledge: acknowledge, Servers: s.Flags(), Escalation: rules.AlertUnacknowledged.Name}
	var err error
	if e.Grafana, err = base(s.Grafana); err != nil {
		return nil, fmt.Errorf("render the addresses of messages: site.grafana: %w", err)
	}
	if e.Alertmanager, err = base(s.Alertmanager); err != nil {
		return nil, fmt.Errorf("render the addresses of messages: site.alertmanager: %w", err)
	}
	e.parts, err = template.New("").Delims("[[", "]]").Funcs(e.functions()).ParseFS(messageSources, "messages/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("parse the sources of messages: %w", err)
	}
	files := map[string][]byte{}
	for _, name := range messageFiles {
		text, err := e.expand(name, e)
		if err != nil {
			return nil, fmt.Errorf("render the messages: %w", err)
		}
		files[path.Join("alertmanager/templates", name)] = []byte(text + "\n")
	}
	return files, nil
}

// expansion expands the sources of messages for an installation, with the addresses
// that they link to.
type expansion struct {
	Grafana, Alertmanager string
	// Acknowledge holds the command that acknowledges an alert, Servers the flags of
	// commands that messages name, and Escalation the name of the alert about one that
	// nobody has acknowledged.
	Acknowledge, Servers, Escalation string
	parts                            *template.Template
}

// acknowledge is the command that acknowledges an alert, for its fingerprint.
const acknowledge = "belfry alerts ack %.8s --for=1h --comment='on it'"

// Acknowledge returns the command that acknowledges the alert with the fingerprint, as
// messages name it, or "" for an alert that nobody is to acknowledge: a piece of
// information, or that nobody has acknowledged another one.
func Acknowledge(fingerprint, alertName string, severity settings.Severity, s settings.Site) string {
	if severity == settings.Info || alertName == rules.AlertUnacknowledged.Name {
		return ""
	}
	return fmt.Sprintf(acknowledge, fingerprint) + s.Flags()
}

// functions returns what the sources call. Those that expand a part are named after it.
func (e *expansion) functions() template.FuncMap {
	type cutting struct {
		Text  string
		Bytes int
	}
	type headline struct {
		Name string
		In   medium
	}
	type listing struct {
		*expansion
		Name, Of, From string
		In             medium
	}
	type acting struct {
		*expansion
		In medium
	}
	type silencing struct {
		*expansion
		Labels string
	}
	return template.FuncMap{
		"plain": func() medium { return plainText }, "slack": func() medium { return slackText },
		"teams": func() medium { return teamsText },
		"next":  func(alerts string) (string, error) { return e.expand("next", alerts) },
		"worst": func() (string, error) { return e.expand("worst", nil) },
		"hidden": func(text string) string {
			return fmt.Sprintf("{{ %[1]s = reReplaceAll `%[2]s` \"\" %[1]s -}}", text, hidden)
		},
		"cut":   func(text string, bytes int) (string, error) { return e.expand("cut", cutting{text, bytes}) },
		"short": func(link string) (string, error) { return e.expand("short", link) },
		"title": func(name string, in medium) (string, error) { return e.expand("title", headline{name, in}) },
		"list": func(name, alerts string, in medium) (string, error) {
			return e.expand("list", listing{e, name, alerts, "$" + alerts, in})
		},
		"summary": func(in medium) (string, error) { return e.expand("summary", in) },
		"facts":   func(in medium) (string, error) { return e.expand("facts", in) },
		"when":    func(in medium) (string, error) { return e.expand("when", in) },
		"todo":    func(in medium) (string, error) { return e.expand("todo", acting{e, in}) },
		"one":     func(in medium) (string, error) { return e.expand("one", in) },
		"runbook": func() (string, error) { return e.expand("runbook", endsLink) },
		"panel":   func() (string, error) { return e.expand("panel", e) },
		"silence": func(labels string) (string, error) { return e.expand("silence", silencing{e, labels}) },
	}
}

// hidden matches the characters that must not reach a message.
var hidden = "[" + glyph.Class() + "]"

// spaceAtEnd matches the line breaks around the actions of a part, which print nothing.
var spaceAtEnd = regexp.MustCompile(`\n{2,}`)

func (e *expansion) expand(name string, data any) (string, error) {
	var b strings.Builder
	err := e.parts.ExecuteTemplate(&b, name, data)
	return strings.TrimSpace(spaceAtEnd.ReplaceAllString(b.String(), "\n\n")), err
}
