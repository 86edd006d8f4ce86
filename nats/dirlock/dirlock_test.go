package dirlock

import (
	"fmt"
	"os"
	"testing"
)

func TestADirectoryBelongsToOneProcess(t *testing.T) {
	dir := t.TempDir()
	lock, err := Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("directory %q is in use by process %d: stop it or choose another directory", dir, os.Getpid())
	if _, err := Acquire(dir); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	next, err := Acquire(dir)
	if err != nil {
		t.Fatalf("after the first has left: %v", err)
	}
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
}
