package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Place is a place in a stream, with what tells that it is this stream: a
// stream that was deleted and made again, or a server that lost its latest
// writes, has other messages under the same sequences.
type Place struct {
	// Created is when the stream was created, in nanoseconds since 1970.
	Created int64
	// Sequence is the last message folded; Time and Hash are that message's
	// timestamp, in nanoseconds since 1970, and xxh3 hash.
	Sequence uint64
	Time     int64
	Hash     uint64
}

// Same reports whether two places with the same sequence hold the same message.
func (p Place) Same(o Place) bool { return p.Time == o.Time && p.Hash == o.Hash }

// String names the place for logs.
func (p Place) String() string {
	return fmt.Sprintf("sequence %d of %s", p.Sequence, time.Unix(0, p.Time).UTC().Format(time.RFC3339))
}

// The file of the high-water mark: a version, the place, and a checksum.
const (
	markFile    = "mark"
	markVersion = 1
	markSize    = 1 + 4*8 + 4
)

// ReleasedFile, in a partition's directory, says how many series of each family
// have been shown as they are. Without it a restart could not tell them from
// those that are still held at 0: the first must not fall back to 0, the others
// must not skip it.
const ReleasedFile = "released.json"

// WriteMark makes the high-water mark durable: the place up to which numbers
// have been shown.
func (s *Store) WriteMark(p Place) error {
	b := []byte{markVersion}
	for _, v := range [...]uint64{uint64(p.Created), p.Sequence, uint64(p.Time), p.Hash} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	if err := ReplaceFile(filepath.Join(s.dir, markFile), b); err != nil {
		return fmt.Errorf("write high-water mark: %w", err)
	}
	return nil
}

// ReadMark reads the high-water mark; ok is false when there is none.
func (s *Store) ReadMark() (p Place, ok bool, err error) {
	path := filepath.Join(s.dir, markFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Place{}, false, nil
	}
	if err != nil {
		return Place{}, false, fmt.Errorf("read high-water mark: %w", err)
	}
	content, whole := checked(b)
	if whole && content[0] > markVersion {
		return Place{}, false, fmt.Errorf("read high-water mark: %w", ErrNewer)
	}
	if !whole || len(b) != markSize || content[0] != markVersion {
		return Place{}, false, fmt.Errorf("high-water mark %s is damaged; remove it to go on without, at the risk that counters are seen to go down once", path)
	}
	var v [4]uint64
	for i := range v {
		v[i] = binary.BigEndian.Uint64(content[1+8*i:])
	}
	return Place{Created: int64(v[0]), Sequence: v[1], Time: int64(v[2]), Hash: v[3]}, true, nil
}

// checked returns what stands before the checksum and whether it agrees.
func checked(b []byte) (content []byte, whole bool) {
	if len(b) < 1+4 {
		return nil, false
	}
	content = b[:len(b)-4]
	return content, crc32.ChecksumIEEE(content) == binary.BigEndian.Uint32(b[len(content):])
}

// RemoveMark forgets what was shown, when all numbers start over.
func (s *Store) RemoveMark() error {
	if err := os.Remove(filepath.Join(s.dir, markFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove high-water mark: %w", err)
	}
	return nil
}

// ReplaceFile puts a file in the place of another, whole, and durable when it returns.
func ReplaceFile(path string, content []byte) error {
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
	// Not every system can sync a directory; pebble knows which.
	dir, err := vfs.Default.OpenDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
