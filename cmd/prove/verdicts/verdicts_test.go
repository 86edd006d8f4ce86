//go:build e2e

package verdicts

import (
	"bytes"
	"testing"
	"time"
)

// Three days of experiments end as they should. `make test-verdicts` has more days, and
// the shipped interval of the rules. Without the race detector it takes a minute or two.
func TestVerdicts(t *testing.T) {
	var out bytes.Buffer
	p := proof{before: day, during: 3 * day, every: time.Hour, perMinute: 25, users: 4000, seed: 1, out: &out}
	if err := p.run(t.Context()); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}
