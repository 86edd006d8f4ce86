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
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
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
	// UserKey identifies the key of the user records without revealing it.
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

// Import creates a partition's directory from an export. The directory must not
// exist. If Import returns an error, it leaves nothing behind.
func Import(dir string, r io.Reader) (m *Manifest, err error) {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("import: %s exists; remove it, or choose another state directory", dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	temporary, err := os.MkdirTemp(filepath.Dir(dir), "import-")
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	defer os.RemoveAll(temporary)
	m, err = extract(temporary, r)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	if err := os.Rename(temporary, dir); err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return m, nil
}

// extract unpacks an export into a directory and verifies it with its manifest.
func extract(dir string, r io.Reader) (*Manifest, error) {
	in, sums := tar.NewReader(r), map[string]string{}
	for {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file ends before its manifest; it is truncated")
		}
		if err != nil {
			return nil, fmt.Errorf("read export: %w", err)
		}
		if header.Name == manifestName {
			return readManifest(in, sums)
		}
		if header.Typeflag != tar.TypeReg || !filepath.IsLocal(header.Name) || path.Clean(header.Name) != header.Name {
			return nil, fmt.Errorf("read export: unexpected file %q", header.Name)
		}
		if sums[header.Name], err = extractFile(filepath.Join(dir, filepath.FromSlash(header.Name)), in); err != nil {
			return nil, err
		}
	}
}

func extractFile(name string, r io.Reader) (sum string, err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return "", err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(file, hash), r)
	return hex.EncodeToString(hash.Sum(nil)), errors.Join(err, file.Sync(), file.Close())
}

func readManifest(r io.Reader, sums map[string]string) (*Manifest, error) {
	m := &Manifest{}
	if err := json.NewDecoder(r).Decode(m); err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	if m.Version > exportVersion {
		return nil, ErrNewer
	}
	if !maps.Equal(m.Files, sums) {
		for _, name := range slices.Sorted(maps.Keys(m.Files)) {
			if m.Files[name] != sums[name] {
				return nil, fmt.Errorf("%s has changed since it was exported; export again", name)
			}
		}
		return nil, errors.New("the export has files that its manifest does not list")
	}
	return m, nil
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
