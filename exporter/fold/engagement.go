package fold

import "math/bits"

// dayHours counts the hours of a day. Days are those of UTC, counted since 1970.
const dayHours = 24

const (
	// covariateDays says over how many days before a user's entry into an experiment the
	// covariate looks back. The day of entry is not among them: what the user does on it
	// may be due to the experiment already.
	covariateDays = 30
	// engagedDays says how many days User.EngagedDays remembers: enough for an event that
	// comes as late as the default configuration lets it, 14 days.
	engagedDays = covariateDays + 14 + 1
)

// engage remembers that the user engaged at an hour since 1970. The order in which
// engagements become known makes no difference.
func (s *State) engage(u *User, at int64) {
	if u.EngagedHour == 0 {
		u.EngagedDays = 1
	} else if later := at/dayHours - u.EngagedHour/dayHours; later > 0 {
		u.EngagedDays = u.EngagedDays<<later | 1
	} else {
		u.EngagedDays |= 1 << -later
	}
	u.EngagedDays &= 1<<engagedDays - 1
	if at > u.EngagedHour {
		s.population.engage(u.FirstHour, u.EngagedHour, at)
		u.EngagedHour = at
	}
}

// engagedBefore returns on how many of the covariateDays before a day the user
// engaged. It is the covariate of Deng, Xu, Kohavi and Walker, "Improving the
// Sensitivity of Online Controlled Experiments by Utilizing Pre-Experiment Data"
// (2013): what is known before the experiment cannot be an effect of it.
func (u *User) engagedBefore(today int64) uint8 {
	days := u.EngagedDays // bit 0 becomes the day before today
	if shift := u.EngagedHour/dayHours - (today - 1); shift >= 0 {
		days >>= shift
	} else {
		days <<= -shift
	}
	return uint8(bits.OnesCount64(days & (1<<covariateDays - 1)))
}
