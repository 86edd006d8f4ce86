package exporter_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/nats"
)

// unnamed removes the number of partitions from the configuration.
func (in *installation) unnamed() {
	in.config.Partitions, in.config.PartitionsNamed = nats.DefaultPartitions, false
}

// partitions returns the numbers of the partitions that an exporter shows.
func (r *running) partitions() []string {
	r.t.Helper()
	families, err := r.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	var numbers []string
	for _, f := range families {
		if f.GetName() == catalog.PartitionExposed.Name {
			for _, m := range f.Metric {
				numbers = append(numbers, m.Label[0].GetValue())
			}
		}
	}
	return numbers
}

var four = []string{"0", "1", "2", "3"}

// If the configuration does not set partitions, an installation keeps the
// number it has, and a new one has one.
func TestPartitionsThatExistAreKept(t *testing.T) {
	adopted := []string{"the configuration does not set partitions, using those that exist", "partitions=4"}
	for name, test := range map[string]struct {
		exist func(in *installation)
		want  []string
		says  []string
	}{
		"a new installation": {exist: func(in *installation) { in.anotherServer() }, want: []string{"0"}},
		"streams": {
			exist: func(*installation) {}, want: four, says: append(adopted, `in="the NATS server"`),
		},
		"a state and its streams": {
			exist: func(in *installation) {
				r := in.run(exporter.Options{})
				r.awaitSent(4)
				r.stop()
			},
			want: four, says: append(adopted, `in="the state in `),
		},
		"a state without streams": {
			exist: func(in *installation) {
				r := in.run(exporter.Options{})
				r.awaitSent(4)
				r.stop()
				in.anotherServer()
			},
			want: four, says: append(adopted, `in="the state in `),
		},
		"a state without checkpoints and streams": {
			exist: func(in *installation) {
				for n := range 4 {
					if err := os.MkdirAll(partition.Dir(in.state, n), 0o700); err != nil {
						in.t.Fatal(err)
					}
				}
				in.anotherServer()
			},
			want: four, says: append(adopted, `in="the state in `),
		},
		"a state with something else": {
			exist: func(in *installation) {
				if err := os.MkdirAll(filepath.Join(in.state, "partition-of-the-disk"), 0o700); err != nil {
					in.t.Fatal(err)
				}
				in.anotherServer()
			},
			want: []string{"0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := install(t, 4)
			for n := range 4 {
				in.publish(n, "sent", sent(four[n]))
			}
			test.exist(in)
			in.unnamed()
			r := in.run(exporter.Options{OnFenceMismatch: partition.NewEpoch})
			defer r.stop()
			r.await("readiness", func() bool { ready, _ := r.Ready(); return ready })
			if got := r.partitions(); !slices.Equal(got, test.want) {
				t.Errorf("partitions %q, want %q", got, test.want)
			}
			if test.says != nil {
				r.said(test.says...)
			} else if r.log.has("using those that exist") {
				t.Errorf("the log mentions existing partitions:\n%s", r.log)
			}
			r.await("the streams", func() bool {
				n, err := nats.CountPartitions(t.Context(), in.nc)
				return err == nil && n == len(test.want)
			})
		})
	}
}

// anotherServer removes the streams, but not the state.
func (in *installation) anotherServer() {
	in.stopServer()
	in.store = in.t.TempDir()
	in.startServer()
}

// No counter goes down, and nothing is counted twice, when the number is
// removed from the configuration.
func TestPartitionsThatExistGoOnCounting(t *testing.T) {
	in := install(t, 4)
	for n := range 4 {
		in.publish(n, "sent", sent(four[n]))
	}
	before := in.run(exporter.Options{})
	before.awaitSent(4)
	before.stop()
	in.unnamed()
	after := in.run(exporter.Options{})
	defer after.stop()
	if got := after.value(catalog.Stages, "stage", "sent"); got != 4 {
		t.Errorf("%v sent at the restart, 4 were shown before it", got)
	}
	in.publish(3, "sent", sent("another"))
	after.awaitSent(5)
}

// A partition on a machine of its own knows the number of the others from its
// state.
func TestPartitionsOfAStateThatHasOne(t *testing.T) {
	in := install(t, 4)
	in.publish(2, "sent", sent("n"))
	before := in.run(exporter.Options{Partitions: []int{2}})
	before.awaitSent(1)
	before.stop()
	in.unnamed()
	after := in.run(exporter.Options{Partitions: []int{2}})
	defer after.stop()
	after.await("readiness", func() bool { ready, _ := after.Ready(); return ready })
	if got := after.partitions(); !slices.Equal(got, []string{"2"}) {
		t.Errorf("partitions %q, want 2", got)
	}
}

// A number that contradicts the installation is refused.
func TestPartitionsThatContradict(t *testing.T) {
	in := install(t, 4)
	in.publish(0, "sent", sent("n"))
	r := in.run(exporter.Options{})
	r.awaitSent(1)
	r.stop()
	in.config.Partitions = 1
	_, err := exporter.New(in.config, exporter.Options{StateDir: in.state, UserKey: testKey})
	want := "the configuration says partitions: 1, but the state in " + in.state + " has 4: " +
		"users would move away from their state; set partitions: 4 or leave it out, " +
		"or start a separate installation with another state directory and another NATS account"
	if err == nil || err.Error() != want {
		t.Errorf("error is %v\nwant     %s", err, want)
	}
	refused(t, "the configuration sets another number of partitions than the state has", err)

	in.state = t.TempDir()
	streamsOnly := in.run(exporter.Options{})
	defer streamsOnly.stop()
	streamsOnly.await("the log to say so", func() bool {
		return streamsOnly.log.has("ensure stream NOTIFY_00: it was created for 4 partitions, not 1",
			"set partitions: 4")
	})
	if ready, why := streamsOnly.Ready(); ready {
		t.Errorf("it is ready: %s", why)
	}
}

// A partition that is read twice would be shown twice.
func TestPartitionTwice(t *testing.T) {
	in := install(t, 4)
	in.config.PartitionsNamed = true
	_, err := exporter.New(in.config, exporter.Options{
		StateDir: in.state, UserKey: testKey, Partitions: []int{1, 2, 1},
	})
	if err == nil || err.Error() != "partition 1 is listed twice: name each partition once" {
		t.Errorf("error is %v", err)
	}
}

// Before NATS answers, a new exporter serves HTTP and says what it waits for.
func TestPartitionsAreUnknownBeforeNATS(t *testing.T) {
	in := install(t, 4)
	in.unnamed()
	e, err := exporter.New(in.config, exporter.Options{StateDir: in.state, UserKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	const want = "the number of partitions is unknown until NATS answers"
	if ready, why := e.Ready(); ready || why != want {
		t.Errorf("ready %v: %q, want %q", ready, why, want)
	}
	if _, err := e.Gather(); err != nil {
		t.Error(err)
	}
	if err := e.Reload(in.config); err != nil {
		t.Error(err)
	}
}

func TestConfigurationNamesPartitions(t *testing.T) {
	for text, want := range map[string]exporter.Config{
		"":                   {Partitions: nats.DefaultPartitions},
		"extra_channels: []": {Partitions: nats.DefaultPartitions},
		"partitions: 1":      {Partitions: 1, PartitionsNamed: true},
		"partitions: 4":      {Partitions: 4, PartitionsNamed: true},
	} {
		path := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := exporter.LoadConfig(path)
		if err != nil {
			t.Fatal(err)
		}
		if got.Partitions != want.Partitions || got.PartitionsNamed != want.PartitionsNamed {
			t.Errorf("%q: %d partitions, named %v, want %d, %v",
				text, got.Partitions, got.PartitionsNamed, want.Partitions, want.PartitionsNamed)
		}
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("partitions: 0"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := exporter.LoadConfig(path)
	if err == nil || !strings.Contains(err.Error(), "partitions: 0 is out of range: use 1 to 64") {
		t.Errorf("partitions: 0: error %v", err)
	}
}
