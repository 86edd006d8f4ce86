package nats

import (
	"context"
	"errors"
	"fmt"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// explain turns an error of the server into one that says what to do. It adds a permission violation from the
// connection: the server does not answer a request that the account may not make.
func explain(nc *natsgo.Conn, err error) error {
	if api := (*jetstream.APIError)(nil); errors.As(err, &api) {
		return explainAPI(nc, api)
	}
	if errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, natsgo.ErrNoResponders) {
		return noJetStream(nc, err)
	}
	denied := nc.LastError()
	if errors.Is(err, context.DeadlineExceeded) && errors.Is(denied, natsgo.ErrPermissionViolation) {
		return fmt.Errorf("%w: %w: give this user the permission at %s", err, denied, masked(nc.ConnectedUrl()))
	}
	return err
}

// noJetStream says which server has no JetStream, and how to enable it.
func noJetStream(nc *natsgo.Conn, err error) error {
	return fmt.Errorf("%w: the server at %s, or this account on it, has no JetStream: enable it "+
		"(nats-server --jetstream, and jetstream: enabled in the account)", err, masked(nc.ConnectedUrl()))
}

func explainAPI(nc *natsgo.Conn, err *jetstream.APIError) error {
	switch err.ErrorCode {
	case jetstream.JSErrCodeStreamNotFound:
		return fmt.Errorf("%w: create it with EnsureStreams", ErrStreamNotFound)
	case jetstream.JSErrCodeMessageNotFound:
		return ErrMessageNotFound
	case jetstream.JSErrCodeJetStreamNotEnabledForAccount, jetstream.JSErrCodeJetStreamNotEnabled:
		return noJetStream(nc, err)
	}
	return err
}
