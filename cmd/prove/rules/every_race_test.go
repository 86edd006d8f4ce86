//go:build race

package rules

// The test tries each nth mutant, fewer with the race detector, which makes each
// take ten times as long.
const mutantsEvery = 200
