package exporter_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/exporter/state"
)

// A state that is damaged or not the right one: the exporter refuses to start and says
// which directory is meant, rather than count from somewhere else.
func TestFaultStatesThatCannotBeRead(t *testing.T) {
	in := install(t, 1)
	for range 2 { // the second start writes what the first has left in the WAL to a table
		in.send(1, 100)
		r := in.run(exporter.Options{})
		r.awaitSent(100)
		r.stop()
	}
	intact := t.TempDir()
	copyTree(t, intact, in.state)
	for fault, damage := range map[string]func() error{
		"a table of the database is gone": func() error {
			tables, err := filepath.Glob(in.partitionDir("records", "*.sst"))
			if err == nil && len(tables) == 0 {
				err = os.ErrNotExist
			}
			for _, table := range tables {
				err = os.Remove(table)
			}
			return err
		},
		"the high-water mark is damaged": func() error {
			return os.WriteFile(in.partitionDir(state.MarkFile), []byte("x"), 0o600)
		},
		"a file is where the state directory should be": func() error {
			if err := os.RemoveAll(in.partitionDir()); err != nil {
				return err
			}
			return os.WriteFile(in.partitionDir(), nil, 0o600)
		},
	} {
		t.Run(fault, func(t *testing.T) {
			replaceTree(t, in.state, intact)
			if err := damage(); err != nil {
				t.Fatal(err)
			}
			e, err := exporter.New(in.config, exporter.Options{StateDir: in.state, UserKey: testKey})
			if err == nil {
				err = e.Close()
			}
			refused(t, fault, err)
		})
	}
}

// State of another partition: its stream is not the one that was counted. The partition
// halts before it counts anything.
func TestFaultStateOfAnotherPartition(t *testing.T) {
	in := install(t, 2)
	for n := range 2 {
		in.publish(n, "sent", sent(fmt.Sprint("n", n)))
	}
	r := in.run(exporter.Options{})
	r.awaitSent(2)
	r.healthy()
	r.stop()
	replaceTree(t, partition.Dir(in.state, 0), partition.Dir(in.state, 1))
	r = in.run(exporter.Options{})
	defer r.stop()
	r.awaitHalt("start with --on-fence-mismatch=new-epoch")
	r.await("the other partition", func() bool { return r.value(catalog.PartitionReading, "partition", "1") == 1 })
	r.proves("the state is that of another partition")
}

// State lost: the exporter counts again what the stream still has, and shows it at once.
func TestFaultStateLost(t *testing.T) {
	in := install(t, 1)
	in.send(1, 10)
	r := in.run(exporter.Options{})
	r.awaitSent(10)
	r.healthy()
	r.stop()
	in.purgeBelow(4)
	in.state = t.TempDir()
	r = in.run(exporter.Options{})
	defer r.stop()
	r.awaitSent(7)
	r.proves("the state directory is lost")
}

// The program ends while it folds, by SIGTERM and by SIGKILL: the next one counts the rest,
// and nothing twice.
func TestFaultEndWhileFolding(t *testing.T) {
	in := install(t, 1)
	in.sendMany(1, 1000)
	p := in.start()
	p.stop()
	p = in.start()
	await(t, "the numbers", func() bool { _, shown := p.value(catalog.Stages); return shown })
	p.in.before = p.seen().metrics
	in.sendMany(1001, 2000)
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.exited
	p = in.start()
	await(t, "all notifications", p.shows(2000, catalog.Stages, "stage", "sent"))
	p.proves("the exporter is killed while it counts")
	if n, _ := p.value(catalog.EventsDuplicate); n != 0 {
		t.Errorf("%v events are counted twice", n)
	}
}

// SIGTERM while it folds: it ends within seconds, with a checkpoint of what it has folded,
// from which the next one continues.
func TestFaultAskedToEndWhileFolding(t *testing.T) {
	in := install(t, 1)
	in.sendMany(1, 5000)
	p := in.start("--state.checkpoint-interval=1h")
	await(t, "it to fold", func() bool {
		folded, _ := p.value(catalog.StreamProcessedSequence)
		return folded > 0
	})
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.exited
	if p.err != nil {
		t.Errorf("it ended with %v", p.err)
	}
	p.proves("the exporter is asked to end while it counts")
	in.stopServer()
	p = in.start()
	await(t, "an answer", p.shows(0, catalog.NATSConnected))
	if folded, _ := p.value(catalog.StreamProcessedSequence); folded == 0 {
		t.Error("nothing that was folded is in the last checkpoint")
	}
	in.startServer()
	await(t, "all notifications", p.shows(5000, catalog.Stages, "stage", "sent"))
	if n, _ := p.value(catalog.EventsDuplicate); n != 0 {
		t.Errorf("%v events are counted twice", n)
	}
}

// A user key that others can read is said at each start. The numbers are right all the same.
func TestFaultExposedUserKey(t *testing.T) {
	in := install(t, 1)
	in.send(1, 3)
	key := filepath.Join(t.TempDir(), "user.key")
	if err := os.WriteFile(key, testKey, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(key, 0o644); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	p := in.start("--user-key-file=" + key)
	await(t, "3 notifications", p.shows(3, catalog.Stages, "stage", "sent"))
	p.proves("others can read the user key")
}

// What stops the program before it reads: it exits, and its last line says what to do.
func TestFaultProgramsThatCannotStart(t *testing.T) {
	in := install(t, 1)
	first := in.start()
	await(t, "the first one", first.shows(1, catalog.NATSConnected))
	mistaken := filepath.Join(t.TempDir(), "belfry.yaml")
	if err := os.WriteFile(mistaken, []byte("partitons: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in.state = t.TempDir()
	for fault, flag := range map[string]string{
		"the port is taken":    "--web.listen-address=" + strings.TrimPrefix(first.url, "http://"),
		"a flag is misspelled": "--state.directory=" + in.state,

		"the configuration has a mistake at the start": "--config.file=" + mistaken,
	} {
		t.Run(fault, func(t *testing.T) {
			p := in.start(flag)
			p.t, p.url = t, "http://127.0.0.1:1"
			p.awaitExit()
			p.proves(fault)
		})
	}
}
