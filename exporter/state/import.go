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
)

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
