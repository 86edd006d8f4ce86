//go:build race

package rules

// mutantsEvery is n where the test tries each nth mutant: fewer with the race
// detector, under which each takes ten times as long.
const mutantsEvery = 100
