package exporter_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/state"
)

// No room for a checkpoint: the exporter does not begin one, because the
// database cannot continue after a write that fails. It continues to count,
// and after a crash it folds the stream again.
func TestFaultNoRoomForCheckpoints(t *testing.T) {
	in := install(t, 1)
	in.send(1, 5)
	r := in.run(exporter.Options{CheckpointInterval: 1, OverlayBytes: 1 << 60}) // which no disk can hold
	r.await("the log message", func() bool { return r.log.has("no checkpoints are written", "free some space") })
	r.awaitSent(5)
	r.proves("the disk has no room for a checkpoint")
	if _, landing := r.get("/", ""); !strings.Contains(landing, "writes no checkpoints") {
		t.Errorf("the landing page does not mention the disk:\n%s", landing)
	}
	age := r.value(catalog.CheckpointAge)
	in.send(6, 8)
	r.awaitSent(8)
	if now := r.value(catalog.CheckpointAge); now <= age {
		t.Errorf("the latest checkpoint is %v s old, was %v s", now, age)
	}
	copied := t.TempDir()
	copyTree(t, copied, in.state)
	if err := r.end(); err == nil || !strings.Contains(err.Error(), "almost full") {
		t.Errorf("stopped without its last checkpoint, with error %v", err)
	}
	replaceTree(t, in.state, copied)

	r = in.run(exporter.Options{})
	defer r.stop()
	r.awaitSent(8)
	r.shows(0, catalog.EventsDuplicate)
}

// Disk full. When the overlay in memory is full too, the exporter stops
// reading and the stream keeps the events. When the high-water mark cannot be
// written, it withholds the numbers. When the disk has room again, it
// continues, and nothing is lost.
func TestFaultDiskFull(t *testing.T) {
	in := install(t, 1)
	disk, mounted := smallDisk(t)
	in.state = filepath.Join(disk, "state")
	p := in.start("--state.overlay-bytes=64KiB", "--state.cache-bytes=1MiB", "--state.checkpoint-interval=50ms")
	in.send(1, 100)
	await(t, "100 notifications", p.shows(100, catalog.Stages, "stage", "sent"))
	last := 100
	if mounted {
		last = in.pauseForRoom(p, filepath.Join(disk, "ballast"), last)
	}

	relieve := obstruct(t, disk, in.partitionDir(), mounted)
	in.send(last+1, last+10)
	await(t, "the numbers to be withheld", p.shows(0, catalog.PartitionExposed))
	if _, shown := p.value(catalog.Stages); shown {
		t.Error("numbers are shown")
	}
	await(t, "the log message", p.has("numbers are withheld", "free some space on the disk of the state directory"))
	p.proves("the disk has no room for the high-water mark")
	status, body := p.get("/-/ready")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "its high-water mark cannot be written") {
		t.Errorf("/-/ready: %d %s", status, body)
	}
	relieve()
	await(t, "all notifications", p.shows(float64(last+10), catalog.Stages, "stage", "sent"))
	if lost, shown := p.value(catalog.StreamLostEvents); lost != 0 || !shown {
		t.Errorf("%v events are lost", lost)
	}
}

// pauseForRoom fills the disk so that checkpoints have no room, until the
// overlay is full and reading stops. Then it frees the disk. It returns the
// last notification sent.
func (in *installation) pauseForRoom(p *program, ballast string, last int) int {
	t := in.t
	fill(t, ballast, 8<<20)
	await(t, "the log message", p.has("no checkpoints are written", "almost full; free some space"))
	full, all := last+500, last+600
	in.sendMany(last+1, full) // more than the overlay holds
	await(t, "reading to stop", p.has("reading stopped, retrying", "meanwhile the stream keeps the events"))
	in.sendMany(full+1, all)
	await(t, "the lag", func() bool {
		lag, _ := p.value(catalog.StreamLagMessages)
		return lag >= float64(all-full)
	})
	if status, body := p.get("/"); status != http.StatusOK || !strings.Contains(body, "writes no checkpoints") {
		t.Errorf("the landing page has status %d and does not mention the disk:\n%s", status, body)
	}
	p.proves("the disk has no room for a checkpoint, and the memory for records is full")
	paused, _ := p.value(catalog.StreamProcessedSequence)
	began, _ := p.value(catalog.CheckpointAge)
	await(t, "two more attempts to read", func() bool {
		age, _ := p.value(catalog.CheckpointAge)
		return age > began+2.5
	})
	if now, _ := p.value(catalog.StreamProcessedSequence); now != paused {
		t.Errorf("read from sequence %v to %v while the overlay is full", paused, now)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	await(t, "all notifications", p.shows(float64(all), catalog.Stages, "stage", "sent"))
	await(t, "the log message", p.has("the disk has room again"))
	return all
}

// smallDisk returns a directory on a small file system of its own, or an
// ordinary directory if mounting is not allowed.
func smallDisk(t *testing.T) (dir string, mounted bool) {
	t.Helper()
	dir = t.TempDir()
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", 160<<20))
	if errors.Is(err, unix.EPERM) {
		return dir, false
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir, true
}

// obstruct prevents all writing until relieve is called: it fills the disk or
// makes the directory of the partition read-only.
func obstruct(t *testing.T, disk, partition string, mounted bool) (relieve func()) {
	t.Helper()
	if mounted {
		ballast := filepath.Join(disk, "ballast")
		fill(t, ballast, 0)
		return func() {
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Chmod(partition, 0o500); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Chmod(partition, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// fill writes a file until the disk has at most this number of bytes left.
func fill(t *testing.T, file string, left uint64) {
	t.Helper()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for {
		free, err := state.FreeSpace(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		if free <= left {
			return
		}
		if _, err := out.Write(make([]byte, min(1<<20, free-left))); err != nil && !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
	}
}

// A disk that is full when the user key is created leaves no part of one behind, so that
// the next start creates it.
func TestFaultNoRoomForTheUserKey(t *testing.T) {
	disk, mounted := smallDisk(t)
	if !mounted {
		t.Skip("needs the permission to mount a file system")
	}
	ballast, keys := filepath.Join(disk, "ballast"), filepath.Join(disk, "keys")
	if err := os.Mkdir(keys, 0o700); err != nil {
		t.Fatal(err)
	}
	fill(t, ballast, 0)
	o := exporter.Options{StateDir: filepath.Join(disk, "state")}
	if err := o.LoadUserKey(filepath.Join(keys, "user.key")); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("error %v", err)
	} else {
		refused(t, "the disk is full when the user key is created", err)
	}
	if left, err := os.ReadDir(keys); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := o.LoadUserKey(filepath.Join(keys, "user.key")); err != nil {
		t.Error(err)
	}
}

// A disk that is full at a start: the exporter exits, says to make room, and not to remove
// what it has counted. With room it goes on as if nothing had happened.
func TestFaultNoRoomAtAStart(t *testing.T) {
	in := install(t, 1)
	disk, mounted := smallDisk(t)
	if !mounted {
		t.Skip("needs the permission to mount a file system")
	}
	in.state = filepath.Join(disk, "state")
	in.send(1, 20)
	flags := []string{"--state.overlay-bytes=64KiB", "--state.cache-bytes=1MiB", "--state.checkpoint-interval=50ms"}
	p := in.start(flags...)
	await(t, "20 notifications", p.shows(20, catalog.Stages, "stage", "sent"))
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.exited
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast, 0)
	p = in.start(flags...)
	p.awaitExit()
	if !p.has("is full", "bytes free", "make room", "nothing is lost")() || p.has("remove it")() {
		t.Errorf("the log does not say what to do:\n%s", p.log)
	}
	p.proves("the disk is full at the start")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	p = in.start(flags...)
	await(t, "20 notifications", p.shows(20, catalog.Stages, "stage", "sent"))
}
