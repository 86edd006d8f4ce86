package nats

import (
	"errors"
	"net/http"
	"slices"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// SettingsError says that a stream cannot have the settings that are wanted, and what to do.
type SettingsError struct{ what string }

func (e *SettingsError) Error() string { return e.what }

// NeedsOperator reports whether an error of [EnsureStreams], [Info], [Get] or [Read] lasts until somebody changes the
// settings, the server or its account: a stream of another installation, storage that cannot be reserved, a permission
// that is missing. Other errors may pass by themselves.
func NeedsOperator(err error) bool {
	if errors.Is(err, natsgo.ErrPermissionViolation) || errors.As(err, new(*SettingsError)) {
		return true
	}
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	return api.Code == http.StatusBadRequest || slices.Contains(storageErrors, api.ErrorCode)
}

// The server answers with these codes when it cannot reserve what a stream needs.
const (
	insufficientResources jetstream.ErrorCode = 10023
	accountStorage        jetstream.ErrorCode = 10002
	serverStorage         jetstream.ErrorCode = 10047
	accountStreamBytes    jetstream.ErrorCode = 10122
)

var storageErrors = []jetstream.ErrorCode{insufficientResources, accountStorage, serverStorage, accountStreamBytes}
