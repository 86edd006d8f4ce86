package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/alecthomas/units"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/exporter-toolkit/web"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/daemon"
	"belfry/exporter/partition"
	"belfry/nats"
)

// options holds the flags, some of which come from the environment.
type options struct {
	configFile string
	stdin      io.Reader // nil once the configuration was read from it
	checkOnly  bool
	web        *web.FlagConfig
	log        *promslog.Config
	keyFile    string
	exporter   exporter.Options
	overlay    units.Base2Bytes
	cache      units.Base2Bytes

	nats     nats.Options
	embedded bool
	port     int
	storeDir string
}

// defaultAddress makes the exporter listen on all interfaces.
const defaultAddress = ":9464"

// parse parses the command line; done is true if it only asked for help or the
// version. Every flag has an environment variable, such as
// BELFRY_EXPORTER_NATS_URL.
func parse(
	args []string, lookup func(string) (string, bool), stdout, stderr io.Writer,
) (o *options, done bool, err error) {
	o = &options{nats: nats.Options{Name: "belfry-exporter"}}
	app := kingpin.New("belfry-exporter", "Turns notification events on NATS JetStream into exact Prometheus metrics.")
	app.UsageWriter(stdout).ErrorWriter(stderr)
	app.HelpFlag.Short('h')
	version, revision, goVersion := daemon.Version()
	app.Version(fmt.Sprintf("%s %s, commit %s, %s", app.Name, version, revision, goVersion))
	app.Terminate(func(int) { done = true })
	flag := func(name, help string) *kingpin.FlagClause {
		return app.Flag(name, fmt.Sprintf("%s ($%s)", help, variable(name)))
	}

	flag("config.file", "Configuration file laid over the defaults, - for standard input; see exporter/default.yaml.").
		StringVar(&o.configFile)
	flag("config.check", "Check the configuration and exit.").BoolVar(&o.checkOnly)
	o.web = daemon.WebFlags(flag, defaultAddress)
	daemon.LifecycleFlag(flag, &o.exporter.Lifecycle)
	flag("web.enable-pprof", "Serve profiles of the process at /debug/pprof/, to whoever reaches it.").
		BoolVar(&o.exporter.Profiles)

	e := &o.exporter
	daemon.FileVar(flag("state.dir", "Directory of the state of the partitions.").Default("belfry-state"), &e.StateDir)
	daemon.DurationVar(flag("state.checkpoint-interval", "Time between two checkpoints.").
		Default("15s"), &e.CheckpointInterval, time.Millisecond)
	daemon.SizeVar(flag("state.overlay-bytes", "Memory for recent records of each partition.").
		Default("64MiB"), &o.overlay, 1)
	daemon.SizeVar(flag("state.cache-bytes", "Memory for disk blocks of all partitions.").
		Default("256MiB"), &o.cache, 1)
	daemon.FileVar(flag("user-key-file", "File with the secret that pseudonyms of users depend on; created at the "+
		"first start. Keep it apart from the state, with a copy.").Default("belfry-user.key"), &o.keyFile)
	daemon.IntsVar(flag("partitions", "Number of a partition to read; repeatable. By default all."),
		&e.Partitions, 0, catalog.LabelPartition.Limit-1)
	flag("on-fence-mismatch", "What to do when the stream is not the one read so far: halt, "+
		"or new-epoch to count the new stream from 0.").
		Default(string(partition.Halt)).
		EnumVar((*string)(&e.OnFenceMismatch), string(partition.Halt), string(partition.NewEpoch))
	flag("on-lost-events",
		"What to do when events left the stream before they were read: count them as lost, or halt.").
		Default(string(partition.Count)).
		EnumVar((*string)(&e.OnLostEvents), string(partition.Count), string(partition.Halt))
	flag("on-user-key-mismatch",
		"What to do when the user key is not the one that the state was counted with: refuse, "+
			"or forget-users to drop what is known of all users.").
		Default(string(partition.Refuse)).
		EnumVar((*string)(&e.OnUserKeyMismatch), string(partition.Refuse), string(partition.ForgetUsers))
	flag("allow-stream-shrink", "Let stream.max_age and stream.max_bytes be lower than what a stream holds, "+
		"which deletes its oldest events, and take subjects that are not Belfry's off a stream. "+
		"Without it the exporter refuses.").BoolVar(&e.AllowStreamShrink)
	daemon.DurationVar(flag("hold", "How long to show a new series at 0 before its value, so that every scraper sees "+
		"it begin: two scrape intervals or more, or 0 not to hold it.").
		Default(exporter.DefaultHold.String()), &e.Hold, 0)
	flag("trust-received-at", "Take the time of a message from its header Belfry-Received-At. "+
		"Only for replays of recorded traffic.").BoolVar(&e.TrustReceivedAt)

	daemon.NATSFlags(flag, &o.nats)
	flag("nats.embedded", "Run a NATS server in this process, on 127.0.0.1.").BoolVar(&o.embedded)
	daemon.IntVar(flag("nats.embedded-port", "Port of the embedded server; 0 picks a free one.").
		Default("4222"), &o.port, 0, math.MaxUint16)
	daemon.FileVar(flag("nats.store-dir", "Directory of the streams of the embedded server.").
		Default("belfry-nats"), &o.storeDir)
	o.log = daemon.LogFlags(flag)
	o.log.Writer = stderr
	flags := app.Model()
	given := map[string]*bool{}
	for _, f := range flags.Flags {
		given[f.Name] = new(bool)
		app.GetFlag(f.Name).IsSetByUser(given[f.Name])
	}
	empty := errors.Join(
		daemon.EnvironmentDefaults(app, flags.FlagGroupModel, variable, lookup), daemon.CheckArguments(args))
	daemon.TakeDashes(app, flags.FlagGroupModel, flags.ArgGroupModel)
	if _, err = app.Parse(args); !done {
		err = cmp.Or(empty, err)
	}
	if err == nil {
		err = contradiction(o.embedded, func(name string) bool {
			_, isInEnvironment := lookup(variable(name))
			return isInEnvironment || *given[name]
		})
	}
	if err != nil {
		err = daemon.UsageError(app, args, err)
	}
	e.OverlayBytes, e.CacheBytes = int(o.overlay), int64(o.cache)
	return o, done, err
}

// contradiction returns an error if flags are given that only a NATS server elsewhere, or
// only the embedded one, has a use for.
func contradiction(embedded bool, given func(name string) bool) error {
	if !embedded {
		for _, name := range []string{"nats.embedded-port", "nats.store-dir"} {
			if given(name) {
				return fmt.Errorf("--%s is of the embedded server: set --nats.embedded, too, or leave it out", name)
			}
		}
		return nil
	}
	if given("nats.url") {
		return errors.New("set --nats.url or --nats.embedded, not both: the embedded server has an address of its own")
	}
	for _, name := range []string{
		"nats.creds-file", "nats.nkey-file", "nats.user", "nats.password-file", "nats.token-file",
		"nats.tls-ca-file", "nats.tls-cert-file", "nats.tls-key-file",
	} {
		if given(name) {
			return fmt.Errorf("set --%s or --nats.embedded, not both: "+
				"the embedded server listens on this machine only and asks for no credentials", name)
		}
	}
	return nil
}

// variable returns the name of a flag's environment variable, which overrides the
// default and is overridden by the flag.
func variable(flag string) string {
	return "BELFRY_EXPORTER_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(flag))
}
