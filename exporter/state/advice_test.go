package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// remove is the last thing to advise: it gives up what is counted.
const remove = "or remove it to count the stream from its beginning"

func TestAdvice(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		err  error
		says string
	}{
		{fmt.Errorf("flush: %w", &fs.PathError{Op: "write", Path: "MANIFEST", Err: syscall.ENOSPC}), "make room on it"},
		{syscall.EDQUOT, "make room on it"},
		{&fs.PathError{Op: "open", Path: "mark", Err: syscall.EACCES}, "let the exporter's user write"},
		{syscall.EROFS, "let the exporter's user write"},
		{syscall.EMFILE, "raise the limit"},
		{errors.New("corrupt block"), remove},
	} {
		got := Advice(dir, test.err)
		if !strings.Contains(got, test.says) {
			t.Errorf("%v: %s", test.err, got)
		}
		if test.says != remove && (strings.Contains(got, "remove") || !strings.Contains(got, "nothing is lost")) {
			t.Errorf("%v: %s", test.err, got)
		}
	}
}

// storedDir returns the directory of a store that is closed.
func storedDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, _, err := Open(Options{Dir: dir, Window: window})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.db.Set([]byte("x"), []byte("y"), nil), s.db.Flush(), s.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The errors of the database at a start say what to do.
func TestErrorsOfTheDatabaseSayWhatToDo(t *testing.T) {
	t.Run("a newer format", func(t *testing.T) {
		dir := storedDir(t)
		markers, err := filepath.Glob(filepath.Join(dir, dataDir, "marker.format-version.*"))
		if err != nil || len(markers) != 1 {
			t.Fatalf("markers %v (%v)", markers, err)
		}
		if err := os.Rename(markers[0], filepath.Join(dir, dataDir, "marker.format-version.000099.999")); err != nil {
			t.Fatal(err)
		}
		checkRefused(t, dir, "run that version, or a newer one")
	})
	t.Run("a missing table", func(t *testing.T) {
		dir := storedDir(t)
		tables, err := filepath.Glob(filepath.Join(dir, dataDir, "*.sst"))
		if err != nil || len(tables) == 0 {
			t.Fatalf("tables %v (%v)", tables, err)
		}
		for _, table := range tables {
			if err := os.Remove(table); err != nil {
				t.Fatal(err)
			}
		}
		checkRefused(t, dir, "restore the partition's directory from a backup, "+remove)
	})
}

func checkRefused(t *testing.T, dir, advice string) {
	t.Helper()
	s, _, err := Open(Options{Dir: dir, Window: window})
	if err == nil {
		s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), advice) || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v", err)
	}
}
