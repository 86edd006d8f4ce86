package daemon

import (
	"github.com/alecthomas/kingpin/v2"
	natsgo "github.com/nats-io/nats.go"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/exporter-toolkit/web"

	"belfry/nats"
)

// FlagFunc declares a flag, as [kingpin.Application.Flag] and
// [kingpin.CmdClause.Flag] do.
type FlagFunc func(name, help string) *kingpin.FlagClause

// WebFlags declares the flags that say where to listen, and how to protect it.
func WebFlags(flag FlagFunc, address string) *web.FlagConfig {
	c := &web.FlagConfig{
		WebListenAddresses: flag("web.listen-address", "Address to listen on; repeatable.").Default(address).Strings(),
		WebConfigFile:      new(string),
		WebSystemdSocket:   new(bool),
	}
	FileVar(flag("web.config.file", "File that enables TLS or basic auth, in the exporter-toolkit's format."),
		c.WebConfigFile)
	return c
}

// LifecycleFlag declares the flag that lets requests reload the configuration. SIGHUP
// always does.
func LifecycleFlag(flag FlagFunc, to *bool) {
	flag("web.enable-lifecycle", "Reload the configuration at POST /-/reload, too, from whoever reaches it.").
		BoolVar(to)
}

// NATSFlags declares the flags that say which NATS server to connect to, and how.
func NATSFlags(flag FlagFunc, o *nats.Options) {
	flag("nats.url", "NATS server, or several of one cluster separated by commas.").
		Default(natsgo.DefaultURL).StringVar(&o.URL)
	CredentialFlags(flag, o)
}

// CredentialFlags declares the flags for what a NATS server asks of its clients.
func CredentialFlags(flag FlagFunc, o *nats.Options) {
	FileVar(flag("nats.creds-file", "Credentials file with JWT and seed."), &o.CredentialsFile)
	FileVar(flag("nats.nkey-file", "File with an nkey seed."), &o.NKeyFile)
	flag("nats.user", "User name; needs --nats.password-file.").StringVar(&o.User)
	FileVar(flag("nats.password-file", "File with the user's password."), &o.PasswordFile)
	FileVar(flag("nats.token-file", "File with a token."), &o.TokenFile)
	FileVar(flag("nats.tls-ca-file", "CA certificates to verify the server's certificate with."), &o.TLSCAFile)
	FileVar(flag("nats.tls-cert-file", "Client certificate; needs --nats.tls-key-file."), &o.TLSCertFile)
	FileVar(flag("nats.tls-key-file", "Key of the client certificate."), &o.TLSKeyFile)
}

// LogFlags declares the flags that say what to log and how. Set the Writer before
// you make the logger.
func LogFlags(flag FlagFunc) *promslog.Config {
	c := &promslog.Config{Level: promslog.NewLevel(), Format: promslog.NewFormat()}
	flag("log.level", "debug, info, warn or error.").Default("info").SetValue(c.Level)
	flag("log.format", "logfmt or json.").Default("logfmt").SetValue(c.Format)
	return c
}
