package schedule

import (
	"cmp"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"slices"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/strict"
	"belfry/exporter/zone"
	"belfry/insights/report"
	"belfry/insights/report/deliver"
)

// File is a file of reports and schedules.
type File struct {
	// Timezone is that of the schedules that name none; UTC if empty.
	Timezone string `yaml:"timezone"`
	// Recipients lists who may get mail: addresses, and domains such as @example.com.
	Recipients []string            `yaml:"recipients"`
	Mail       *Mail               `yaml:"mail"`
	Reports    []report.Definition `yaml:"reports"`
	Schedules  []Schedule          `yaml:"schedules"`
}

// Mail is the server that takes mail.
type Mail struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"`
	TLS          string `yaml:"tls"`
	CAFile       string `yaml:"ca_file"`
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
	From         string `yaml:"from"`
}

// Schedule says when a report is sent, and to whom.
type Schedule struct {
	Name string `yaml:"name"`
	// Report names a built-in report or one of the file.
	Report string `yaml:"report"`
	// Cron has five fields, or is a word such as @weekly.
	Cron     string `yaml:"cron"`
	Timezone string `yaml:"timezone"`
	// To lists the addresses that get it by mail, and Attach the formats of the attachments
	// to mail and webhooks.
	To     []string `yaml:"to"`
	Attach []string `yaml:"attach"`
	// SlackURLFile and WebhookURLFile hold addresses to post to.
	SlackURLFile     string `yaml:"slack_url_file"`
	WebhookURLFile   string `yaml:"webhook_url_file"`
	WebhookTokenFile string `yaml:"webhook_token_file"`
	// Directory is where it is written, in Formats.
	Directory string   `yaml:"directory"`
	Formats   []string `yaml:"formats"`

	// Definition is that of the report, and Zone the time zone.
	Definition report.Definition `yaml:"-"`
	Zone       *time.Location    `yaml:"-"`
	targets    []deliver.Target
	times      times
}

// Next returns when the schedule is first due after a time, zero for never.
func (s Schedule) Next(after time.Time) time.Time { return s.times.next(after) }

// Load reads a file, see [Parse].
func Load(path string, formats []string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the reports: %w", err)
	}
	return Parse(path, text, formats)
}

// Parse reads the text of a file. Formats are those that reports can be attached and written in.
// The error has a line for each mistake.
func Parse(name string, text []byte, formats []string) (*File, error) {
	f := &File{}
	d := strict.Decode(name, text, f)
	report.Check(d, "reports", f.Reports)
	c := checker{d, f, formats}
	c.zone("timezone", f.Timezone)
	c.recipients()
	server := c.mail()
	taken := map[string]bool{}
	if n := len(f.Schedules); n > catalog.LabelReport.Limit {
		d.Wrong("schedules", "there are %d: use at most %d, of which metrics tell how they are doing", n,
			catalog.LabelReport.Limit)
	}
	for i := range f.Schedules {
		s := &f.Schedules[i]
		s.addTargets(server)
		c.schedule(fmt.Sprintf("schedules[%d]", i), s, taken)
	}
	return f, d.Err()
}

// addTargets adds who gets the report.
func (s *Schedule) addTargets(server *deliver.MailServer) {
	for _, address := range s.To {
		s.targets = append(s.targets, deliver.Mailbox{Server: server, Address: address})
	}
	if s.SlackURLFile != "" {
		s.targets = append(s.targets, deliver.Slack{URLFile: s.SlackURLFile})
	}
	if s.WebhookURLFile != "" {
		s.targets = append(s.targets, deliver.Webhook{URLFile: s.WebhookURLFile, TokenFile: s.WebhookTokenFile})
	}
	if s.Directory != "" {
		s.targets = append(s.targets, deliver.Directory{Path: s.Directory})
	}
}

// checker checks a file.
type checker struct {
	*strict.Document
	*File
	formats []string
}

// zone returns the time zone of a name, and UTC for none.
func (c checker) zone(path, name string) *time.Location {
	location, ok := zone.Find(cmp.Or(name, "UTC"))
	if !ok {
		c.Wrong(path, "unknown time zone %q: use a name such as Europe/Berlin", name)
		return time.UTC
	}
	return location
}

// recipients checks the list of who may get mail.
func (c checker) recipients() {
	for i, r := range c.Recipients {
		path := fmt.Sprintf("recipients[%d]", i)
		if domain, ok := strings.CutPrefix(r, "@"); ok {
			if strings.ContainsAny(domain, "@*/ ") || !strings.Contains(domain, ".") {
				c.Wrong(path, "%q is no domain: use one such as @example.com", r)
			}
			continue
		}
		c.address(path, r)
	}
}

// address reports whether a text is an address without a name.
func (c checker) address(path, text string) bool {
	if a, err := netmail.ParseAddress(text); err != nil || a.Address != text {
		c.Wrong(path, "%q is no address: use one such as ops@example.com", text)
		return false
	}
	return true
}

// allowed reports whether somebody may get mail.
func (c checker) allowed(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return slices.ContainsFunc(c.Recipients, func(r string) bool {
		return strings.EqualFold(r, address) || strings.EqualFold(r, "@"+domain)
	})
}

// mail checks the mail server, and returns it.
func (c checker) mail() *deliver.MailServer {
	m := c.Mail
	if m == nil {
		return nil
	}
	if c.Needed("mail.host", "the name of the server, such as smtp.example.com") {
		if m.Port == 0 {
			m.Port = 587
			if m.TLS == deliver.TLS {
				m.Port = 465
			}
		}
	}
	if m.Port < 0 || m.Port > 65535 {
		c.Wrong("mail.port", "%d is out of range: use 1 to 65535", m.Port)
	}
	m.TLS = cmp.Or(m.TLS, deliver.StartTLS)
	c.OneOf("mail.tls", "way to encrypt", m.TLS, deliver.TLSModes)
	if (m.Username == "") != (m.PasswordFile == "") {
		c.Wrong("mail.username", "set both username and password_file, or neither")
	}
	if m.TLS == deliver.NoTLS && m.Username != "" && !isLoopback(m.Host) {
		c.Wrong("mail.tls", "none would send the password in the clear: use %s or %s", deliver.StartTLS, deliver.TLS)
	}
	if c.Needed("mail.from", "the address that mail comes from, such as Belfry <belfry@example.com>") {
		if _, err := netmail.ParseAddress(m.From); err != nil {
			c.Wrong("mail.from", "%q is no address: use one such as Belfry <belfry@example.com>", m.From)
		}
	}
	c.file("mail.password_file", m.PasswordFile)
	c.file("mail.ca_file", m.CAFile)
	return &deliver.MailServer{Host: m.Host, Port: m.Port, TLS: m.TLS, CAFile: m.CAFile, Username: m.Username,
		PasswordFile: m.PasswordFile, From: m.From}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// file checks that a file can be read.
func (c checker) file(path, name string) {
	if name == "" {
		return
	}
	if f, err := os.Open(name); err != nil {
		c.Wrong(path, "%v: check the path, and that this user may read the file", err)
	} else {
		f.Close()
	}
}

// schedule checks a schedule, and fills in what follows from it.
func (c checker) schedule(path string, s *Schedule, taken map[string]bool) {
	switch {
	case !report.ValidName(s.Name):
		c.Wrong(path+".name", "%q is not a name: use lower-case letters, digits and -, such as push-weekly", s.Name)
	case taken[s.Name]:
		c.Wrong(path+".name", "there are two schedules %s: use another name", s.Name)
	}
	taken[s.Name] = true
	var names []string
	for _, d := range append(report.Builtin(), c.Reports...) {
		names = append(names, d.Name)
		if d.Name == s.Report {
			s.Definition = d
		}
	}
	c.OneOf(path+".report", "report", s.Report, names)
	s.Zone = c.zone(path+".timezone", cmp.Or(s.Timezone, c.Timezone))
	if c.Needed(path+".cron", `when it is due, such as "0 8 * * mon" for Monday at 8:00`) {
		var err error
		if s.times, err = parseTimes(s.Cron, s.Zone); err != nil {
			c.Wrong(path+".cron", "%v", err)
		}
	}
	c.targets(path, s)
}

// targets checks who gets the report.
func (c checker) targets(path string, s *Schedule) {
	for i, address := range s.To {
		at := fmt.Sprintf("%s.to[%d]", path, i)
		if c.address(at, address) && !c.allowed(address) {
			c.Wrong(at, "%q may not get mail: add the address, or its domain, to recipients", address)
		}
		if slices.Contains(s.To[:i], address) {
			c.Wrong(at, "%q is there twice: keep one", address)
		}
	}
	if len(s.To) > 0 && c.Mail == nil {
		c.Wrong(path+".to", "there is no server that takes mail: add mail with its host and from")
	}
	for _, list := range []struct {
		key   string
		names []string
	}{{"attach", s.Attach}, {"formats", s.Formats}} {
		for i, format := range list.names {
			c.OneOf(fmt.Sprintf("%s.%s[%d]", path, list.key, i), "format", format, c.formats)
		}
	}
	if s.Directory != "" {
		if info, err := os.Stat(s.Directory); err != nil || !info.IsDir() {
			c.Wrong(path+".directory", "%q is no directory: create it", s.Directory)
		}
		if len(s.Formats) == 0 {
			c.Wrong(path+".formats", "missing: say in which formats to write, such as [html, pdf]")
		}
	}
	c.file(path+".slack_url_file", s.SlackURLFile)
	c.file(path+".webhook_url_file", s.WebhookURLFile)
	c.file(path+".webhook_token_file", s.WebhookTokenFile)
	if len(s.targets) == 0 {
		c.Wrong(path+".to", "nobody gets the report: add to, slack_url_file, webhook_url_file or directory")
	}
}
