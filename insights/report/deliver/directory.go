package deliver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Directory writes the copies of messages as files.
type Directory struct{ Path string }

// String names the directory.
func (d Directory) String() string { return "directory " + d.Path }

// Send writes each copy, whole or not at all. A message that is sent again writes the same
// files.
func (d Directory) Send(_ context.Context, m Message) error {
	for _, f := range m.Copies {
		if err := d.write(f); err != nil {
			return fmt.Errorf("%s: %w", d, err)
		}
	}
	return nil
}

func (d Directory) write(f File) (err error) {
	file, err := os.CreateTemp(d.Path, ".report-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(f.Data)
	if err := errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), filepath.Join(d.Path, filepath.Base(f.Name))); err != nil {
		return err
	}
	dir, err := os.Open(d.Path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
