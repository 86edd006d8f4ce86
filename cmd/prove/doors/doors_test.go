package doors

import (
	"runtime"
	"testing"
	"time"
)

// `make test-doors` runs the long variant.
func TestDoors(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peak memory of a process is known on Linux only")
	}
	if err := run(t.Context(), options{length: 11 * time.Second, events: 2000, share: 2}, t.Output()); err != nil {
		t.Fatal(err)
	}
}
