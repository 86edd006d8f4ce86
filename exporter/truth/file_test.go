package truth

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTruthComesBackFromItsFile(t *testing.T) {
	var written, again bytes.Buffer
	if err := busy().Write(&written); err != nil {
		t.Fatal(err)
	}
	read, err := Load(bytes.NewReader(written.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Write(&again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(written.String(), again.String()); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	retries := func(entry string) string { return `{"families": {"notification_retries_total": [` + entry + `]}}` }
	for text, want := range map[string]string{
		`{`:                                   "unexpected EOF",
		`{"sead": 7}`:                         `unknown field "sead"`,
		`{"families": {"no_such_total": []}}`: `"no_such_total" is not in the catalogue`,
		retries(`{"labels": {"channel": "sms"}, "value": 1}`):                    "expected channel, provider",
		retries(`{"labels": {"channel": "sms", "queue": "x"}, "value": 1}`):      "label provider is missing",
		retries(`{"labels": {"channel": "sms", "provider": "x"}, "count": 1}`):   "has neither value",
		retries(`{"labels": {"channel": "sms", "provider": "x"}, "value": "1"}`): "cannot unmarshal",
	} {
		_, err := Load(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", text, err, want)
		}
	}
}
