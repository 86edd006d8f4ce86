package stack

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

func TestServerDiesWithAKilledParent(t *testing.T) {
	port := freePort(t)
	parent := exec.CommandContext(t.Context(), os.Args[0])
	parent.Env = append(os.Environ(), "STACK_TEST_PARENT=1", "STACK_TEST_PORT="+strconv.Itoa(port))
	said, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(said).ReadString('\n'); line != "<nil>\n" {
		t.Fatalf("the parent could not start its server: %s %v", line, err)
	}
	connection, err := net.Dial("tcp", address(port))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()

	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed, as it should

	// The connection ends when the server does: this read is the wait for it.
	if err := connection.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(connection); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the server outlived its parent")
	}
}
