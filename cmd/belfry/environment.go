package main

import (
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

// fromEnvironment lets environment variables replace the defaults of the flags that say
// which servers to use and how, in all commands: BELFRY_NATS_URL stands for --nats.url. A
// flag still overrides its variable.
//
// A command that uses a server only if its flag is given is not made to by a variable:
// simulate must not publish where the alerts are read from.
func fromEnvironment(c *kingpin.CmdClause) {
	for _, f := range c.Model().Flags {
		isAddress := strings.HasSuffix(f.Name, ".url")
		always := isAddress && (f.Required || len(f.Default) > 0)
		credentials := strings.HasPrefix(f.Name, "nats.") || f.Name == "http.config.file"
		if always || credentials && !isAddress {
			c.GetFlag(f.Name).Envar(variable(f.Name))
		}
	}
}

// variable returns the name of a flag's environment variable.
func variable(flag string) string {
	return "BELFRY_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(flag))
}
