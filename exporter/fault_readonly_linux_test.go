package exporter_test

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"belfry/exporter/catalog"
)

// A file system that is read-only at a start, as after an error of the disk: the exporter
// exits and says which directory it must write to. It continues once it can.
func TestFaultReadOnlyState(t *testing.T) {
	in := install(t, 1)
	disk, mounted := smallDisk(t)
	if !mounted {
		t.Skip("needs the permission to mount a file system")
	}
	in.state = filepath.Join(disk, "state")
	remount := func(flags uintptr) {
		t.Helper()
		if err := unix.Mount("", disk, "", unix.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	in.send(1, 20)
	flags := []string{"--state.overlay-bytes=64KiB", "--state.cache-bytes=1MiB"}
	p := in.start(flags...)
	await(t, "20 notifications", p.shows(20, catalog.Stages, "stage", "sent"))
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.exited
	remount(unix.MS_RDONLY)
	p = in.start(flags...)
	p.awaitExit()
	p.proves("the file system of the state is read-only at the start")
	remount(0)
	p = in.start(flags...)
	await(t, "20 notifications", p.shows(20, catalog.Stages, "stage", "sent"))
}
