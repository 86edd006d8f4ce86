package exposure

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"belfry/exporter/state"
)

// resumeHold continues the hold of the process before. Without the file of
// released series it makes a new one: nobody has looked so far.
func resumeHold(dir string, duration time.Duration) (*Hold, error) {
	path := filepath.Join(dir, state.ReleasedFile)
	if duration == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("end the hold of new series: %w", err)
		}
		return newHold(0), nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newHold(duration), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read which series are held: %w", err)
	}
	var released map[string]int
	if err := json.Unmarshal(text, &released); err != nil {
		return nil, fmt.Errorf("%s is damaged; remove it to go on, "+
			"at the risk that series are seen to begin above 0: %w", path, err)
	}
	return continueHold(duration, released), nil
}

// saveReleased makes durable how many series of each family, by name, show
// their values.
func (l *Ledger) saveReleased(released map[string]int) error {
	if l.duration == 0 {
		return nil
	}
	text, err := json.Marshal(released)
	if err != nil {
		return fmt.Errorf("save which series are held: %w", err)
	}
	if err := state.ReplaceFile(filepath.Join(l.dir, state.ReleasedFile), text); err != nil {
		return fmt.Errorf("save which series are held: %w", err)
	}
	return nil
}
