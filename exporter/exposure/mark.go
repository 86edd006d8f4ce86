package exposure

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	"belfry/exporter/state"
)

// The mark file holds a version, the place and a checksum.
const (
	markVersion = 1
	markSize    = 1 + 4*8 + 4
)

// writeMark makes the high-water mark durable.
func writeMark(dir string, p state.Place) error {
	b := []byte{markVersion}
	for _, v := range [...]uint64{uint64(p.Created), p.Sequence, uint64(p.Time), p.Hash} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	if err := state.ReplaceFile(filepath.Join(dir, state.MarkFile), b); err != nil {
		return fmt.Errorf("write high-water mark: %w", err)
	}
	return nil
}

// readMark returns the high-water mark, the zero Place if there is none.
func readMark(dir string) (state.Place, error) {
	path := filepath.Join(dir, state.MarkFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return state.Place{}, nil
	}
	if err != nil {
		return state.Place{}, fmt.Errorf("read high-water mark: %w", err)
	}
	content, whole := checked(b)
	if whole && content[0] > markVersion {
		return state.Place{}, fmt.Errorf("read high-water mark: %w", state.ErrNewer)
	}
	if !whole || len(b) != markSize || content[0] != markVersion {
		return state.Place{}, fmt.Errorf("high-water mark %s is damaged; remove it to continue without: "+
			"numbers come once all that the stream has now is counted", path)
	}
	var v [4]uint64
	for i := range v {
		v[i] = binary.BigEndian.Uint64(content[1+8*i:])
	}
	return state.Place{Created: int64(v[0]), Sequence: v[1], Time: int64(v[2]), Hash: v[3]}, nil
}

// checked returns the bytes before the checksum, and whether it matches them.
func checked(b []byte) (content []byte, whole bool) {
	if len(b) < 1+4 {
		return nil, false
	}
	content = b[:len(b)-4]
	return content, crc32.ChecksumIEEE(content) == binary.BigEndian.Uint32(b[len(content):])
}

// removeMark removes the high-water mark, if any.
func removeMark(dir string) error {
	if err := os.Remove(filepath.Join(dir, state.MarkFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove high-water mark: %w", err)
	}
	return nil
}
