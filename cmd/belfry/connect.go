package main

import (
	"context"
	"errors"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/nats"
)

// connectTimeout bounds how long a command waits for a server that does not
// answer, refusedTimeout for one that is starting while nobody listens yet.
const (
	connectTimeout = 10 * time.Second
	refusedTimeout = 2 * time.Second
)

// connect connects a command that ends by itself. A daemon waits instead.
func connect(ctx context.Context, o nats.Options) (*natsgo.Conn, error) {
	starting, stop := context.WithTimeout(ctx, refusedTimeout)
	nc, err := nats.Connect(starting, o)
	stop()
	if err == nil || errors.Is(err, natsgo.ErrNoServers) || !errors.Is(err, context.DeadlineExceeded) {
		return nc, err
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	return nats.Connect(ctx, o)
}
