package partition

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const dirPrefix = "partition-"

// Dir returns the directory of a partition below a state directory.
func Dir(stateDir string, number int) string {
	return filepath.Join(stateDir, dirPrefix+strconv.Itoa(number))
}

// Numbers returns the numbers of the partitions that have a directory below a
// state directory. The state directory need not exist.
func Numbers(stateDir string) (numbers []int, err error) {
	entries, err := os.ReadDir(stateDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for partitions: %w", err)
	}
	for _, entry := range entries {
		_, number, _ := strings.Cut(entry.Name(), dirPrefix)
		n, err := strconv.Atoi(number)
		if err == nil && Dir(stateDir, n) == filepath.Join(stateDir, entry.Name()) {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}
