package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The stories in testdata/analytics run belfry insights analytics against the real
// Prometheus. Beside the usual commands they have backfill and prometheus, as those of
// rules files do.
func TestAnalyticsStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/analytics",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"backfill":   fillPrometheus,
			"prometheus": startRulesPrometheus,
		}})
}
