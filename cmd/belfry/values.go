package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"belfry/exporter/strict"
)

// webAddress is the value of a flag for the address of a server, without a slash at
// its end.
type webAddress struct {
	flag string
	to   *string
}

// addressVar makes the flag one for the address of a server.
func addressVar(flag *kingpin.FlagClause, to *string) {
	flag.SetValue(webAddress{flag.Model().Name, to})
}

// serverVar declares a flag for the address of a server, --NAME.url, and --NAME, which it
// was before, with the same meaning.
func serverVar(c *kingpin.CmdClause, name, help string, to *string) *kingpin.FlagClause {
	var byName, byOldName bool
	flag := c.Flag(name+".url", help).IsSetByUser(&byName)
	addressVar(flag, to)
	addressVar(c.Flag(name, help).Hidden().IsSetByUser(&byOldName), to)
	c.PreAction(func(*kingpin.ParseContext) error {
		if byName && byOldName {
			return fmt.Errorf("--%s is the earlier name of --%[1]s.url: give one of them", name)
		}
		return nil
	})
	return flag
}

func (a webAddress) String() string { return *a.to }

// Set takes http and https URLs.
func (a webAddress) Set(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		const advice = "use one such as http://127.0.0.1:9090"
		if strings.ContainsAny(text, "@?") { // it may hold a password, wherever that is
			return fmt.Errorf("--%s: the value is not a URL: %s", a.flag, advice)
		}
		full, err := url.Parse("http://" + text)
		if err == nil && full.Host != "" && !strings.Contains(text, "://") {
			return fmt.Errorf("--%s: %q is not a URL: write %s", a.flag, text, full)
		}
		return fmt.Errorf("--%s: %q is not a URL: %s", a.flag, text, advice)
	}
	*a.to = strings.TrimRight(text, "/")
	return nil
}

// span is the value of a flag for a duration.
type span struct {
	flag string
	to   *model.Duration
}

// durationVar makes the flag one for a duration, such as 30s, 5m or 7d.
func durationVar(flag *kingpin.FlagClause, to *model.Duration) {
	flag.SetValue(span{flag.Model().Name, to})
}

func (s span) String() string { return s.to.String() }

// Set takes Prometheus durations.
func (s span) Set(text string) error {
	d, err := strict.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("--%s: %w", s.flag, err)
	}
	*s.to = d
	return nil
}
