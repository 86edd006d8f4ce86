//go:build !race

package rules

// mutantsEvery is n where the test tries each nth mutant.
const mutantsEvery = 10
