package state

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// An export is a tar file with the files of a partition's directory, a consistent
// copy of its database as of the latest checkpoint, and, at the end, a manifest
// with the checksum of each file.
const manifestName = "manifest.json"

// Manifest describes an export.
type Manifest struct {
	// Version identifies the format of the export.
	Version int `json:"version"`
	// Exported holds the time of the export.
	Exported time.Time `json:"exported"`
	// Sequence numbers the last folded message.
	Sequence uint64 `json:"sequence"`
	// UserKey identifies the key that records are filed under without revealing it.
	UserKey string `json:"userKey"`
	// Files holds the SHA-256 of each file, by its slash-separated path.
	Files map[string]string `json:"files"`
}

// exportVersion identifies the present format of an export.
const exportVersion = 1

// Export writes the state in a partition's directory to w. No exporter may have
// the directory open.
func Export(dir string, w io.Writer) (*Manifest, error) {
	s, latest, err := Open(Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if latest == nil {
		return nil, fmt.Errorf("export %s: it has no checkpoint yet", dir)
	}
	temporary, err := os.MkdirTemp(dir, "export-")
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	defer os.RemoveAll(temporary)
	if err := s.backup(filepath.Join(temporary, dataDir)); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	for _, name := range [...]string{MarkFile, ReleasedFile} {
		if err := copyIfThere(filepath.Join(dir, name), filepath.Join(temporary, name)); err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
	}
	m := &Manifest{
		Version: exportVersion, Exported: time.Now().UTC(), Sequence: latest.Place.Sequence, UserKey: latest.UserKey,
	}
	if err := m.write(w, temporary); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return m, nil
}

func copyIfThere(from, to string) error {
	content, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// write writes the files below root, then the manifest.
func (m *Manifest) write(w io.Writer, root string) error {
	out := tar.NewWriter(w)
	m.Files = map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		m.Files[relative], err = addFile(out, name, relative)
		return err
	})
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	header := &tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(text)), ModTime: m.Exported}
	if err := out.WriteHeader(header); err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	return out.Close()
}

// addFile adds one file and returns its checksum.
func addFile(out *tar.Writer, name, as string) (sum string, err error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	header := &tar.Header{Name: as, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()}
	if err := out.WriteHeader(header); err != nil {
		return "", err
	}
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, hash), file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Retire keeps a directory that was exported from being opened again: two
// exporters must not continue the same numbers.
func Retire(dir string, m *Manifest) error {
	text := fmt.Sprintf("exported %s at sequence %d\n", m.Exported.Format(time.RFC3339), m.Sequence)
	return ReplaceFile(filepath.Join(dir, retiredFile), []byte(text))
}

// checkRetired returns an error if the state of a directory continues elsewhere.
func checkRetired(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, retiredFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("this state was %s, to continue elsewhere; remove %s only if it does not",
		strings.TrimSpace(string(text)), filepath.Join(dir, retiredFile))
}
