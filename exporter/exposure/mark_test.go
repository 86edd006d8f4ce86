package exposure

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belfry/exporter/state"
)

func TestTheMarkIsKept(t *testing.T) {
	dir := t.TempDir()
	if mark, err := readMark(dir); mark != (state.Place{}) || err != nil {
		t.Fatalf("a new directory has the mark %v: %v", mark, err)
	}
	for i := range 3 {
		want := state.Place{Created: -1, Sequence: 1<<63 + uint64(i), Time: 1767225600e9, Hash: 1<<64 - 1}
		if err := writeMark(dir, want); err != nil {
			t.Fatal(err)
		}
		if got, err := readMark(dir); got != want || err != nil {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	for range 2 {
		if err := removeMark(dir); err != nil {
			t.Error(err)
		}
	}
	if mark, err := readMark(dir); mark != (state.Place{}) || err != nil {
		t.Errorf("the removed mark is %v: %v", mark, err)
	}
}

// A damaged mark does not say what was shown. Guessing could make a counter go
// down.
func TestADamagedMarkIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := writeMark(dir, state.Place{Created: 1, Sequence: 2, Time: 3, Hash: 4}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, state.MarkFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := [][]byte{{}, whole[:1], whole[:len(whole)-1], append(whole[:len(whole):len(whole)], 0)}
	for i := range whole {
		flipped := append([]byte(nil), whole...)
		flipped[i] ^= 0x10
		damaged = append(damaged, flipped)
	}
	for _, content := range damaged {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if mark, err := readMark(dir); err == nil || !strings.Contains(err.Error(), "is damaged; remove it") {
			t.Errorf("%x is read as %v, %v", content, mark, err)
		}
	}
}

func TestANewerMarkIsRefused(t *testing.T) {
	dir := t.TempDir()
	content := []byte{markVersion + 1, 1, 2, 3}
	content = binary.BigEndian.AppendUint32(content, crc32.ChecksumIEEE(content))
	if err := os.WriteFile(filepath.Join(dir, state.MarkFile), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readMark(dir); !errors.Is(err, state.ErrNewer) {
		t.Errorf("got %v, want %v", err, state.ErrNewer)
	}
}
