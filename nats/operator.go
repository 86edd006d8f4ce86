package nats

import (
	"errors"
	"net/http"
	"strings"

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
	return api.Code == http.StatusBadRequest || lacksStorage(err)
}

// lacksStorage reports whether the server cannot reserve what a stream needs.
func lacksStorage(err error) bool {
	const (
		accountStorage        = 10002
		noPeers               = 10005
		insufficientResources = 10023
		serverStorage         = 10047
		accountStreamBytes    = 10122
	)
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode {
	case accountStorage, insufficientResources, serverStorage, accountStreamBytes:
		return true
	case noPeers: // no server of the cluster has the room, or another reason
		return strings.Contains(api.Description, "insufficient storage")
	}
	return false
}
