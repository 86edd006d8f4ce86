package partition

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"

	"belfry/nats"
)

// fieldName returns the name of a field if it is one of the schema of events. Of any other
// it returns a hash with the user key, from which nobody can find or confirm the name
// without the key, and the length.
func (d *deadLetters) fieldName(name string) string {
	if known, ok := schemaNames()[name]; ok {
		return known
	}
	mac := hmac.New(sha256.New, d.options.Fold.UserKey)
	mac.Write([]byte("belfry field name\x00"))
	mac.Write([]byte(name))
	return fmt.Sprintf("unknown-%x-%d", mac.Sum(nil)[:4], len(name))
}

// schemaNames returns the names of the fields in the schema, at any depth, by themselves.
var schemaNames = sync.OnceValue(func() map[string]string {
	var schema any
	if err := json.Unmarshal(nats.EventSchema, &schema); err != nil {
		panic(err) // the schema is part of the program
	}
	names := map[string]string{}
	addNames(schema, names)
	return names
})

func addNames(schema any, names map[string]string) {
	switch s := schema.(type) {
	case []any:
		for _, part := range s {
			addNames(part, names)
		}
	case map[string]any:
		properties, _ := s["properties"].(map[string]any)
		for name := range properties {
			names[name] = name
		}
		for _, part := range s {
			addNames(part, names)
		}
	}
}
