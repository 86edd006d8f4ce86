package rules

import (
	"os/exec"
	"strings"
	"testing"

	"belfry/deploy/stack"
)

// promtool runs promtool. That the cases hold and prove the rules is a test of
// cmd/prove/rules.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	programs, err := stack.Ensure(t.Context(), "", t.Output(), stack.Promtool)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), programs[stack.Promtool], args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtoolCheck(t *testing.T) {
	promtool(t, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, glob(t, "notification-*.yaml")...)...)
}
