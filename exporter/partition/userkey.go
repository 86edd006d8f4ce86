package partition

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"

	"belfry/exporter/state"
)

// KeyAdvice says what to do when the user key is not the one of the state.
const KeyAdvice = "every user would be forgotten, for good; set --user-key-file to the file that was used so far, or " +
	"restore it from a copy; to forget all users on purpose, start once with --on-user-key-mismatch=" +
	string(ForgetUsers)

// CountedWithKey returns the directory of a partition below a state directory that was
// counted with a user key, or "" if there is none: nothing needs the key then. It also
// looks at partitions that continue elsewhere, which have the same key.
func CountedWithKey(stateDir string, log *slog.Logger) (dir string, err error) {
	numbers, err := Numbers(stateDir)
	if err != nil {
		return "", err
	}
	for _, n := range numbers {
		dir := Dir(stateDir, n)
		switch fingerprint, err := state.UserKey(dir, log); {
		case err != nil:
			return "", fmt.Errorf("partition %d: %w", n, err)
		case fingerprint != "":
			return dir, nil
		}
	}
	return "", nil
}

// fingerprint identifies a user key without revealing it.
func fingerprint(userKey []byte) string {
	mac := hmac.New(sha256.New, userKey)
	mac.Write([]byte("belfry user key"))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
