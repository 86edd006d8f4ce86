package proof

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"belfry/cmd/prove/rules/cases"
)

// Promtool runs files of cases with promtool and fails if a case does not hold.
func Promtool(ctx context.Context, program string, rules *cases.Rules, files []*cases.File) error {
	dir, err := os.MkdirTemp("", "belfry-rules-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	failures := make([]error, len(files))
	inParallel(len(files), func(i int) {
		below := filepath.Join(dir, fmt.Sprint(i))
		if failures[i] = os.Mkdir(below, 0o755); failures[i] != nil {
			return
		}
		path, err := rules.Promtool(files[i], below)
		if err != nil {
			failures[i] = err
			return
		}
		out, err := exec.CommandContext(ctx, program, "test", "rules", "--diff", path).CombinedOutput()
		if err != nil {
			failures[i] = fmt.Errorf("promtool on %s: %w\n%s", files[i].Path, err, out)
		}
	})
	return errors.Join(failures...)
}
