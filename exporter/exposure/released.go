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

// resumeHold continues the hold of the previous process. Without a file of
// released series it returns a new one: nothing was shown so far.
func resumeHold(dir string, duration time.Duration) (*Hold, error) {
	path := filepath.Join(dir, state.ReleasedFile)
	if duration == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("remove the released series: %w", err)
		}
		return newHold(0), nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newHold(duration), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the released series: %w", err)
	}
	var released map[string]int
	if err := json.Unmarshal(text, &released); err != nil {
		return nil, fmt.Errorf("%s is damaged; remove it to continue, "+
			"at the risk that series begin above 0: %w", path, err)
	}
	return continueHold(duration, released), nil
}

// saveReleased makes the number of released series of each family, by name,
// durable.
func (l *Ledger) saveReleased(released map[string]int) error {
	if l.duration == 0 {
		return nil
	}
	text, err := json.Marshal(released)
	if err != nil {
		return fmt.Errorf("save the released series: %w", err)
	}
	if err := state.ReplaceFile(filepath.Join(l.dir, state.ReleasedFile), text); err != nil {
		return fmt.Errorf("save the released series: %w", err)
	}
	return nil
}
