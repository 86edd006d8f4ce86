package state

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheMarkIsKept(t *testing.T) {
	s, _ := open(t, t.TempDir(), 1)
	if mark, ok, err := s.ReadMark(); ok || err != nil {
		t.Fatalf("a new store has the mark %v: %v", mark, err)
	}
	for i := range 3 {
		want := Place{Created: -1, Sequence: 1<<63 + uint64(i), Time: start, Hash: 1<<64 - 1}
		if err := s.WriteMark(want); err != nil {
			t.Fatal(err)
		}
		s, _ = reopen(t, s)
		if got, ok, err := s.ReadMark(); got != want || !ok || err != nil {
			t.Errorf("got %+v, %v, %v, want %+v", got, ok, err, want)
		}
	}
	for range 2 {
		if err := s.RemoveMark(); err != nil {
			t.Error(err)
		}
	}
	if mark, ok, err := s.ReadMark(); ok || err != nil {
		t.Errorf("the removed mark is %v: %v", mark, err)
	}
}

// Nobody can tell what was shown from a mark that is not whole, and to guess
// could show a counter go down.
func TestADamagedMarkIsRefused(t *testing.T) {
	s, _ := open(t, t.TempDir(), 1)
	if err := s.WriteMark(Place{Created: 1, Sequence: 2, Time: 3, Hash: 4}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.dir, markFile)
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
		if mark, _, err := s.ReadMark(); err == nil || !strings.Contains(err.Error(), "is damaged; remove it") {
			t.Errorf("%x is read as %v, %v", content, mark, err)
		}
	}
}

func TestANewerMarkIsRefused(t *testing.T) {
	s, _ := open(t, t.TempDir(), 1)
	content := []byte{markVersion + 1, 1, 2, 3}
	content = binary.BigEndian.AppendUint32(content, crc32.ChecksumIEEE(content))
	if err := os.WriteFile(filepath.Join(s.dir, markFile), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.ReadMark(); !errors.Is(err, ErrNewer) {
		t.Errorf("got %v, want %v", err, ErrNewer)
	}
}
