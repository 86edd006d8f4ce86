package stack

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// BuildOwn builds one of Belfry's own programs, such as belfry-exporter, into a directory
// and returns its file name. The working directory must be inside Belfry's source
// directory.
func BuildOwn(ctx context.Context, dir, program string) (string, error) {
	path := filepath.Join(dir, program)
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, "belfry/cmd/"+program).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", program, err, strings.TrimSpace(string(out)))
	}
	return path, nil
}
