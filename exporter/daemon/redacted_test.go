package daemon

import "testing"

func TestRedacted(t *testing.T) {
	for address, want := range map[string]string{
		"http://ana:secret@host:9093/x": "http://ana:xxxxx@host:9093/x",
		"http://host":                   "http://host",
		"http://ana:secret@ho st":       "an invalid address",
	} {
		if got := Redacted(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
