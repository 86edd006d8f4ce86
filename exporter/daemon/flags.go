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
	return &web.FlagConfig{
		WebListenAddresses: flag("web.listen-address", "Address to listen on; repeatable.").Default(address).Strings(),
		WebConfigFile: flag("web.config.file",
			"File that enables TLS or basic auth, in the exporter-toolkit's format.").String(),
		WebSystemdSocket: new(bool),
	}
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
	flag("nats.creds-file", "Credentials file with JWT and seed.").StringVar(&o.CredentialsFile)
	flag("nats.nkey-file", "File with an nkey seed.").StringVar(&o.NKeyFile)
	flag("nats.user", "User name; needs --nats.password-file.").StringVar(&o.User)
	flag("nats.password-file", "File with the user's password.").StringVar(&o.PasswordFile)
	flag("nats.token-file", "File with a token.").StringVar(&o.TokenFile)
	flag("nats.tls-ca-file", "CA certificates to verify the server's certificate with.").StringVar(&o.TLSCAFile)
	flag("nats.tls-cert-file", "Client certificate; needs --nats.tls-key-file.").StringVar(&o.TLSCertFile)
	flag("nats.tls-key-file", "Key of the client certificate.").StringVar(&o.TLSKeyFile)
}

// LogFlags declares the flags that say what to log and how. Set the Writer before
// you make the logger.
func LogFlags(flag FlagFunc) *promslog.Config {
	c := &promslog.Config{Level: promslog.NewLevel(), Format: promslog.NewFormat()}
	flag("log.level", "debug, info, warn or error.").Default("info").SetValue(c.Level)
	flag("log.format", "logfmt or json.").Default("logfmt").SetValue(c.Format)
	return c
}
