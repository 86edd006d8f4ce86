package anomaly

import "time"

// The one configuration. It was chosen on series of many shapes, see score_test.go: figures
// nearby give nearly the same scores.
const (
	day  = 24 * time.Hour
	week = 7 * day

	// warmUpTime is 20 % of a week. Nothing is said in it, nor about the first points.
	warmUpTime   = week / 5
	warmUpPoints = 10

	// phaseDays and phaseWeeks say how many days and weeks back the same phase is
	// looked up. Weeks are used from leastWeeks on.
	phaseDays, phaseWeeks, leastWeeks = 10, 6, 2
	// neighbors is how far the neighbors of a phase are taken, of a day on each side.
	neighbors = 0.02
	// phasePoints limits how many points of one day are taken, evenly.
	phasePoints = 11
	// fewPoints is how many points of a phase weigh as much as all distances of the last
	// days in the scale.
	fewPoints = 10
	// suddenPoints is how many points show where a series is before its trend is known.
	suddenPoints = 7
	// errorDays is over how many days the errors of the models are averaged.
	errorDays = 3
	// moderation limits how far, in scales, one point moves the level and the errors.
	moderation = 4

	// floorShare is the least scale, of what is expected.
	floorShare = 0.05
	// floorOfShares is the least scale of shares between 0 and 1.
	floorOfShares = 0.005
	// floorOfMean is the least scale of the mean distance from zero, for series that
	// are expected to be zero at times.
	floorOfMean = 0.01

	// The scores that begin an anomaly: persistent where two of three of the last points,
	// 15 minutes at least, reach it on one side; lasting the same over six hours; spike
	// for one point.
	persistentScore, lastingScore, spikeScore = 4, 3, 7
	persistentLeast, lastingSpan              = 15 * time.Minute, 6 * time.Hour
	persistentMost, lastingLeast, lastingMost = 15, 6, 72
	// earlyFactor raises the scores at the beginning, to nothing after a week.
	earlyFactor = 1
	// A score that was reached more than habitTimes in habitTime is a habit, and an
	// anomaly must exceed it by habitMargin.
	habitTime, habitTimes, habitMargin = 4 * week, 3, 1.05
	habitLeastSteps                    = 200
	// apart separates two excursions.
	apart = time.Hour

	// An anomaly ends when the score stays below calmScore for calmTime; where it held,
	// rather than came and went, for heldCalm. It held if of its points, heldPoints at least,
	// the share heldShare had higher scores.
	calmScore, calmTime   = 2, time.Hour
	heldCalm, heldSteps   = 15 * time.Minute, 2
	heldPoints, heldShare = 6, 2.0 / 3
	// Within againTime of its end, another must exceed the scores by againFactor.
	againTime, againFactor = 12 * time.Hour, 1.5
	// acceptTime is how long an anomaly lasts before it becomes normal, and at least
	// acceptSteps.
	acceptTime, acceptSteps = day, 7
	// In returnTime after such a change a series may return to what it was before: after
	// returnPoints the change is forgotten.
	returnTime, returnPoints = 4 * day, 12

	// A series has stopped without samples for stopSteps and stopLeast.
	stopSteps, stopLeast = 5, 6 * time.Hour
	// A run of zeros is a stop when it is at least zeroSteps long, its probability is
	// below e^-zeroSurprise, and it exceeds the longest known by zeroFactor.
	zeroSteps, zeroSurprise, zeroFactor = 5, 14, 1.5

	// lowVolume is how many events must be expected before a count is compared with a
	// normal distribution.
	lowVolume = 10
)
