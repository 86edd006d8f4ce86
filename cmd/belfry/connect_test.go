package main

import (
	"context"
	"strings"
	"testing"

	"belfry/nats"
)

// Where nobody listens a command ends long before it gives up on a server that is slow.
func TestConnectWhereNobodyListens(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), connectTimeout-refusedTimeout)
	defer cancel()
	_, err := connect(ctx, nats.Options{URL: "nats://127.0.0.1:1"})
	if err == nil || !strings.Contains(err.Error(), "nobody listens there: start the server") {
		t.Errorf("got %v", err)
	}
	if ctx.Err() != nil {
		t.Error("it waited as for a slow server")
	}
}
