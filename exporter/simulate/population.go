package simulate

import "time"

// zone describes where users live. The offset is that of standard time and is for the
// daily rhythm only: a tz database of another year must not change the events.
type zone struct {
	name     string
	offset   time.Duration
	share    float64
	country  string
	city     string
	currency string
}

// appVersions lists the versions of the app that users have.
var appVersions = [...]string{"5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6"}

const minutes = time.Minute

var zones = []zone{
	{"America/New_York", -300 * minutes, 0.13, "US", "New York", "USD"},
	{"America/Chicago", -360 * minutes, 0.07, "US", "Chicago", "USD"},
	{"America/Denver", -420 * minutes, 0.03, "US", "Denver", "USD"},
	{"America/Los_Angeles", -480 * minutes, 0.10, "US", "Los Angeles", "USD"},
	{"America/Mexico_City", -360 * minutes, 0.03, "MX", "Ciudad de México", "USD"},
	{"America/Sao_Paulo", -180 * minutes, 0.06, "BR", "São Paulo", "USD"},
	{"Europe/London", 0, 0.10, "GB", "London", "GBP"},
	{"Europe/Berlin", 60 * minutes, 0.11, "DE", "Berlin", "EUR"},
	{"Europe/Paris", 60 * minutes, 0.06, "FR", "Paris", "EUR"},
	{"Europe/Warsaw", 60 * minutes, 0.04, "PL", "Łódź", "EUR"},
	{"Africa/Lagos", 60 * minutes, 0.03, "NG", "Lagos", "USD"},
	{"Africa/Johannesburg", 120 * minutes, 0.02, "ZA", "Johannesburg", "USD"},
	{"Asia/Dubai", 240 * minutes, 0.02, "AE", "Dubai", "USD"},
	{"Asia/Kolkata", 330 * minutes, 0.09, "IN", "Bengaluru", "USD"},
	{"Asia/Kathmandu", 345 * minutes, 0.01, "NP", "Kathmandu", "USD"},
	{"Asia/Singapore", 480 * minutes, 0.03, "SG", "Singapore", "USD"},
	{"Asia/Tokyo", 540 * minutes, 0.05, "JP", "Tokyo", "USD"},
	{"Australia/Sydney", 600 * minutes, 0.02, "AU", "Sydney", "USD"},
}

// device describes a user's device. Both values are empty if the platform does not
// know it.
type device struct {
	platform, form string
	share          float64
}

var devices = []device{
	{"ios", "mobile", 0.36},
	{"android", "mobile", 0.33},
	{"web", "desktop", 0.19},
	{"ios", "tablet", 0.05},
	{"android", "tablet", 0.04},
	{"", "", 0.03},
}

// user holds what the platform knows about one user. Its index in the population
// identifies the user.
type user struct {
	zone, device uint8
	// optedOut has a bit for each channel, by its index, on which the user does not
	// want marketing.
	optedOut uint8
}

// population holds all users, grouped by zone.
type population struct {
	users []user
	// first holds the index of the first user of each zone, followed by the number of
	// users.
	first []int
}

// newPopulation makes n users. key is the seed of the hashes of their devices.
func newPopulation(n int, key uint64) *population {
	p := &population{users: make([]user, n), first: make([]int, 0, len(zones)+1)}
	var below float64
	for z := range zones {
		from := int(below * float64(n))
		below += zones[z].share
		to := int(below * float64(n))
		if z == len(zones)-1 {
			to = n
		}
		p.first = append(p.first, from)
		for i := from; i < to; i++ {
			d := weighted(len(devices), func(i int) float64 { return devices[i].share }, share(mix(key, uint64(i))))
			p.users[i] = user{zone: uint8(z), device: uint8(d)}
		}
	}
	p.first = append(p.first, n)
	return p
}

// pick chooses a user of the zone, or of all if the zone has none. Some users get far
// more than others.
func (p *population) pick(z int, d *dice) int {
	from, to := p.first[z], p.first[z+1]
	if from == to {
		from, to = 0, len(p.users)
	}
	u := d.Float64()
	return from + int(u*u*float64(to-from))
}

func (s *Simulator) zoneOf(user int) *zone     { return &zones[s.people.users[user].zone] }
func (s *Simulator) deviceOf(user int) *device { return &devices[s.people.users[user].device] }

// optedOutOf reports whether the user opted out of the channel.
func (p *population) optedOutOf(user, channel int) bool {
	return p.users[user].optedOut>>channel&1 == 1
}

func (p *population) setPreference(user, channel int, wanted bool) {
	bit := uint8(1) << channel
	if wanted {
		p.users[user].optedOut &^= bit
	} else {
		p.users[user].optedOut |= bit
	}
}
