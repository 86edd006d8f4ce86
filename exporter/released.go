package exporter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"belfry/exporter/state"
)

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
	if err := state.ReplaceFile(p.releasedPath(), text); err != nil {
		return fmt.Errorf("save which series are held: %w", err)
	}
	return nil
}

func (p *partition) releasedPath() string {
	return filepath.Join(PartitionDir(p.options.StateDir, p.number), state.ReleasedFile)
}
