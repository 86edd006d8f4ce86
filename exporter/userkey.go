package exporter

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"belfry/exporter/partition"
	"belfry/exporter/state"
)

// userKeySize sets the size of a new user key, in bytes.
const userKeySize = 32

// LoadUserKey reads the secret from which the pseudonyms of users are derived into
// UserKey. Without the key, nobody can find a user's record. With a different key, every
// user is new.
//
// If the file does not exist, LoadUserKey creates one that only its owner can read. It
// refuses where a partition below StateDir was counted with a key, because all of its
// users would be forgotten, unless OnUserKeyMismatch is [partition.ForgetUsers]. It logs a
// warning if others can read the file.
func (o *Options) LoadUserKey(path string) error {
	o.setLog()
	key, err := ReadUserKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = o.newUserKey(path)
	}
	if err != nil {
		return err
	}
	if why := UserKeyExposed(path); why != "" {
		o.Log.Warn(why)
	}
	o.UserKey = key
	return nil
}

// ReadUserKey reads the secret that LoadUserKey has created.
func ReadUserKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load user key: %w", err)
	}
	if len(key) < userKeySize {
		return nil, fmt.Errorf("load user key: %s has %d bytes, at least %d are needed: "+
			"restore it from a copy of the file that belfry-exporter created, or remove it if there is none",
			path, len(key), userKeySize)
	}
	return key, nil
}

// UserKeyExposed says what to do if others than its owner can reach a user key file, and
// is empty otherwise.
func UserKeyExposed(path string) string {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return ""
	}
	return fmt.Sprintf("the user key file %s has mode %04o: others can read it and find users in the state; "+
		"run chmod 600 %[1]s", path, info.Mode().Perm())
}

// newUserKey creates a user key, unless users that are filed under another one would be
// forgotten.
func (o *Options) newUserKey(path string) ([]byte, error) {
	if o.OnUserKeyMismatch != partition.ForgetUsers {
		switch counted, err := partition.CountedWithKey(o.StateDir, o.Log); {
		case err != nil:
			return nil, fmt.Errorf("load user key: %s does not exist, and whether there is state that needs it "+
				"is unknown: %w", path, err)
		case counted != "":
			return nil, fmt.Errorf("load user key: %s does not exist, but the state in %s was counted with a key: %s",
				path, counted, partition.KeyAdvice)
		}
	}
	key, err := createUserKey(path)
	if err != nil {
		return nil, fmt.Errorf("create user key %s: %w: set --user-key-file to a file that this user may create",
			path, err)
	}
	o.Log.Info("created a user key; keep a copy of it, apart from the state", "file", path)
	return key, nil
}

// createUserKey writes a new key, or reads the one that another process has created
// meanwhile.
func createUserKey(path string) ([]byte, error) {
	key := make([]byte, userKeySize)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	err := state.CreateFile(path, key)
	if errors.Is(err, fs.ErrExist) {
		return ReadUserKey(path)
	}
	return key, err
}
