package main

import (
	"context"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/nats"
)

// connectTimeout bounds how long a command waits for a server that does not
// answer.
const connectTimeout = 10 * time.Second

// connect connects a command that ends by itself. A daemon waits instead.
func connect(ctx context.Context, o nats.Options) (*natsgo.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	return nats.Connect(ctx, o)
}
