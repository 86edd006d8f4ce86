package exporter

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// userKeySize sets the size of a new user key, in bytes.
const userKeySize = 32

// LoadUserKey reads the secret from which the pseudonyms of users are derived. If
// the file does not exist, it creates one that only its owner can read. Without
// the key, nobody can find a user's record. With a different key, every user is
// new.
func LoadUserKey(path string) ([]byte, error) {
	key, err := ReadUserKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newUserKey(path)
	}
	return key, err
}

// ReadUserKey reads the secret that LoadUserKey has created.
func ReadUserKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load user key: %w", err)
	}
	if len(key) < userKeySize {
		return nil, fmt.Errorf("load user key: %s has %d bytes, at least %d are needed; "+
			"is it the file that belfry-exporter created?", path, len(key), userKeySize)
	}
	return key, nil
}

func newUserKey(path string) ([]byte, error) {
	key := make([]byte, userKeySize)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("create user key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create user key: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create user key: %w", err)
	}
	_, err = file.Write(key)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("create user key: %w", err)
	}
	return key, nil
}
