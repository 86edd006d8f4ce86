package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// CreateFile never replaces a file, and leaves nothing beside it.
func TestCreateFileCreatesOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := CreateFile(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := CreateFile(path, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the second time: error %v", err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "first" {
		t.Errorf("%q (%v)", content, err)
	}
	if all, err := os.ReadDir(filepath.Dir(path)); err != nil || len(all) != 1 {
		t.Errorf("files %v (%v)", all, err)
	}
}
