package rules

import (
	"bytes"
	"strings"
	"testing"
)

const shippedCases = "../../../rules/testdata/*.yaml"

// The cases hold in promtool, every rule has its cases, and they notice a sample of
// its edits. `make test-rules` tries all edits.
func TestCasesProveRules(t *testing.T) {
	if err := run(t.Context(), options{cases: shippedCases, every: mutantsEvery, promtool: true},
		t.Output()); err != nil {
		t.Error(err)
	}
}

func TestRun(t *testing.T) {
	for name, c := range map[string]struct {
		rule, want, wantErr string
	}{
		"one rule": {rule: "NotificationWatchdog",
			want: "1 rules, 3 cases in 2 files, 1 of 3 mutants killed, 2 equivalent"},
		"no such rule": {rule: "NotificationWatchcat",
			wantErr: "has the name, label rule or group NotificationWatchcat"},
		"no pattern": {rule: "(", wantErr: "--rule: error parsing regexp"},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			err := run(t.Context(), options{rule: c.rule, cases: shippedCases}, &b)
			if c.wantErr == "" && err != nil || c.wantErr != "" &&
				(err == nil || !strings.Contains(err.Error(), c.wantErr)) {
				t.Errorf("got the error %v, want %q", err, c.wantErr)
			}
			if !strings.Contains(b.String(), c.want) {
				t.Errorf("got %q, want %q in it", b.String(), c.want)
			}
		})
	}
}
