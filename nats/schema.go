package nats

import _ "embed"

// EventSchema holds the JSON Schema of events.
//
//go:embed event.schema.json
var EventSchema []byte
