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

// Promtool has promtool run files of cases, and fails where it does not find
// that they hold: what the proof rests on is promtool's judgement.
func Promtool(ctx context.Context, program string, rules *cases.Rules, files []*cases.File) error {
	dir, err := os.MkdirTemp("", "ruletest")
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
