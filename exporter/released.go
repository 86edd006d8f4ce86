package exporter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// releasedFile, in a partition's directory, says how many series of each family
// have been shown as they are. Without it a restart could not tell them from
// those that are still held at 0: the first must not fall back to 0, the others
// must not skip it.
const releasedFile = "released.json"

// resumeHold continues the hold of the process before.
func (p *partition) resumeHold() error {
	if p.options.Hold == 0 {
		if err := os.Remove(p.releasedPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("end the hold of new series: %w", err)
		}
		return nil
	}
	text, err := os.ReadFile(p.releasedPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nobody has looked so far
	}
	if err != nil {
		return fmt.Errorf("read which series are held: %w", err)
	}
	var released map[string]int
	if err := json.Unmarshal(text, &released); err != nil {
		return fmt.Errorf("%s is damaged; remove it to go on, at the risk that series are seen to begin above 0: %w", p.releasedPath(), err)
	}
	p.hold.Resume(released)
	p.held = true
	return nil
}

// saveReleased makes durable how many series of each family are shown as they are.
func (p *partition) saveReleased(released map[string]int) error {
	if p.options.Hold == 0 {
		return nil
	}
	text, err := json.Marshal(released)
	if err != nil {
		return fmt.Errorf("save which series are held: %w", err)
	}
	if err := replaceFile(p.releasedPath(), text); err != nil {
		return fmt.Errorf("save which series are held: %w", err)
	}
	return nil
}

func (p *partition) releasedPath() string {
	return filepath.Join(PartitionDir(p.options.StateDir, p.number), releasedFile)
}

// replaceFile puts a file in the place of another, whole, and durable when it returns.
func replaceFile(path string, content []byte) error {
	next := path + ".next"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
