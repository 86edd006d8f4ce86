//go:build !race

package rules

// The test tries each nth mutant.
const mutantsEvery = 10
