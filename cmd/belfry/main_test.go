package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	natsgo "github.com/nats-io/nats.go"
	"github.com/prometheus/common/expfmt"
	"github.com/rogpeppe/go-internal/testscript"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/nats"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"belfry": main})
}

// The stories in testdata/script run the program from outside, against a real
// server. Beside the usual commands they have
//
//	platform N            starts a NATS server with the streams of N partitions, at $NATS
//	publish SUBJECT FILE  publishes each line, with NOW and NOW-1h replaced by the time
//	forge-notes N...      notes that each dead letter was requeued as each sequence N
//	purge STREAM          removes all messages of a stream
//	fold [CONFIG]         runs an exporter until all is folded, and prints its metrics
//	stream NAME           prints the messages of a stream, one line each
//	terminal FILE         compares the last stdout with the file, times replaced by TIME and hashes by HASHHASH
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"platform": startPlatform,
			"publish":  onPlatform((*platform).publish),
			"purge":    onPlatform((*platform).purge),

			"forge-notes": onPlatform((*platform).forgeNotes),
			"fold":        onPlatform((*platform).fold),
			"stream":      onPlatform((*platform).stream),
			"terminal":    compareTerminal,
		},
		Setup: func(env *testscript.Env) error {
			env.Values[platformKey{}] = &platform{}
			return nil
		},
	})
}

// platform holds what a story runs against.
type platform struct {
	ts         *testscript.TestScript
	partitions int
	nc         *natsgo.Conn
}

type platformKey struct{}

func startPlatform(ts *testscript.TestScript, _ bool, args []string) {
	p := ts.Value(platformKey{}).(*platform)
	partitions, err := strconv.Atoi(args[0])
	ts.Check(err)
	p.ts, p.partitions = ts, partitions
	server, err := nats.StartServer(context.Background(), nats.ServerOptions{StoreDir: ts.MkAbs("nats")})
	ts.Check(err)
	ts.Defer(func() { ts.Check(server.Shutdown()) })
	p.nc, err = nats.Connect(context.Background(), nats.Options{URL: server.URL()})
	ts.Check(err)
	ts.Defer(p.nc.Close)
	ts.Check(nats.EnsureStreams(context.Background(), p.nc, p.config("").StreamOptions()))
	ts.Setenv("NATS", server.URL())
}

func onPlatform(do func(p *platform, args []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) { do(ts.Value(platformKey{}).(*platform), args) }
}

func (p *platform) config(file string) *exporter.Config {
	config, err := exporter.LoadConfig(file)
	p.ts.Check(err)
	config.Partitions, config.Stream.MaxBytes = p.partitions, 1<<20
	return config
}

var relativeTime = regexp.MustCompile(`NOW(-\d+[a-z])?`)

func (p *platform) publish(args []string) {
	js, err := p.nc.JetStream()
	p.ts.Check(err)
	for line := range strings.Lines(p.ts.ReadFile(args[1])) {
		line = relativeTime.ReplaceAllStringFunc(strings.TrimSpace(line), func(t string) string {
			ago, err := time.ParseDuration(strings.TrimPrefix(t, "NOW") + "0s")
			p.ts.Check(err)
			return time.Now().Add(ago).UTC().Format("2006-01-02T15:04:05.000Z")
		})
		_, err := js.Publish(args[0], []byte(line))
		p.ts.Check(err)
	}
}

func (p *platform) forgeNotes(sequences []string) {
	js, err := p.nc.JetStream()
	p.ts.Check(err)
	list, err := readDeadLetters(context.Background(), p.nc, func(*partition.DeadLetter) bool { return true }, 0)
	p.ts.Check(err)
	for _, l := range list.letters {
		for _, sequence := range sequences {
			_, err := js.Publish(nats.RequeuedSubject, fmt.Appendf(nil, `{"id":%q,"copy":%s}`, l.ID(), sequence))
			p.ts.Check(err)
		}
	}
}

func (p *platform) purge(args []string) {
	js, err := p.nc.JetStream()
	p.ts.Check(err)
	p.ts.Check(js.PurgeStream(args[0]))
}

// fold leaves the state for the next exporter.
func (p *platform) fold(args []string) {
	file := ""
	if len(args) > 0 {
		file = p.ts.MkAbs(args[0])
	}
	o := exporter.Options{StateDir: p.ts.MkAbs("state")}
	p.ts.Check(o.LoadUserKey(p.ts.MkAbs("user.key")))
	e, err := exporter.New(p.config(file), o)
	p.ts.Check(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx, p.nc) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if p.hasFolded(e) {
			break
		}
	}
	families, err := e.Gather()
	p.ts.Check(err)
	for _, f := range families {
		if catalog.ByName(f.GetName()) != nil { // not those of the Go runtime
			_, err := expfmt.MetricFamilyToText(p.ts.Stdout(), f)
			p.ts.Check(err)
		}
	}
	cancel()
	p.ts.Check(<-done)
	p.ts.Check(e.Close())
}

// hasFolded compares what the exporter has folded with what the streams have.
func (p *platform) hasFolded(e *exporter.Exporter) bool {
	families, err := e.Gather()
	p.ts.Check(err)
	var folded, there uint64
	for _, f := range families {
		if f.GetName() == catalog.StreamProcessedSequence.Name {
			for _, m := range f.Metric {
				folded += uint64(m.Gauge.GetValue())
			}
		}
	}
	for n := range p.partitions {
		state, err := nats.Info(context.Background(), p.nc, nats.StreamName(n))
		p.ts.Check(err)
		there += state.LastSequence
	}
	ready, _ := e.Ready()
	return ready && folded == there
}

func (p *platform) stream(args []string) {
	state, err := nats.Info(context.Background(), p.nc, args[0])
	p.ts.Check(err)
	for sequence := state.FirstSequence; sequence <= state.LastSequence; sequence++ {
		m, err := nats.Get(context.Background(), p.nc, args[0], sequence)
		p.ts.Check(err)
		_, err = p.ts.Stdout().Write(append(append([]byte(m.Subject+" "), m.Data...), '\n'))
		p.ts.Check(err)
	}
}

var absoluteTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`)

var hashedName = regexp.MustCompile(`unknown-[0-9a-f]{8}-`)

func compareTerminal(ts *testscript.TestScript, _ bool, args []string) {
	got := absoluteTime.ReplaceAllString(ts.ReadFile("stdout"), "TIME")
	got = hashedName.ReplaceAllString(got, "unknown-HASHHASH-")
	if diff := cmp.Diff(ts.ReadFile(args[0]), got); diff != "" {
		ts.Fatalf("(-%s +stdout)\n%s", args[0], diff)
	}
}
