package simulate

import "strconv"

// crockford holds the alphabet of ULIDs, without letters that look like digits.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// The points from which ids, users and draws of different kinds are mixed, so
// that user 7 and notification 7 have nothing in common.
const (
	ofUsers = iota + 1
	ofLifecycles
	ofArrivals
	ofDevices
	ofCampaigns
	ofExperiments
	ofCrossovers
	ofSessions
	ofTokens
	ofOutlines
	ofInclinations
)

// appendULID appends an id that sorts by time, as ULIDs do: 48 bits of milliseconds
// and 80 bits from two hashes.
func appendULID(b []byte, millis int64, high, low uint64) []byte {
	for shift := 45; shift >= 0; shift -= 5 {
		b = append(b, crockford[uint64(millis)>>shift&31])
	}
	for shift := 35; shift >= 0; shift -= 5 {
		b = append(b, crockford[high>>shift&31])
	}
	for shift := 35; shift >= 0; shift -= 5 {
		b = append(b, crockford[low>>shift&31])
	}
	return b
}

func appendHex(b []byte, v uint64) []byte {
	const digits = "0123456789abcdef"
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, digits[v>>shift&15])
	}
	return b
}

func appendPrefixed(b []byte, prefix string, v uint64) []byte {
	return appendHex(append(b, prefix...), v)
}

var (
	firstNames = []string{
		"anna", "omar", "jan", "lucia", "wei", "priya", "tom", "fatima",
		"joao", "ines", "kofi", "yuki", "lars", "maria", "noah", "zofia",
	}
	lastNames = []string{
		"schmidt", "okafor", "tanaka", "rossi", "silva", "patel", "novak", "jensen",
		"garcia", "kim", "brown", "haddad", "kowalska", "moreau", "lind", "mensah",
	}
	domains = []string{"example.com", "example.org", "example.net", "mail.example"}
)

// userID returns the id of a user by number.
func (s *Simulator) userID(user int) string {
	return string(appendPrefixed(s.scratch[:0], "usr_", mix(s.seedOf(ofUsers), uint64(user))))
}

// appendAddress appends the e-mail address of a user, which providers repeat in their
// error texts.
func (s *Simulator) appendAddress(b []byte, user int) []byte {
	h := mix(s.seedOf(ofUsers), uint64(user))
	b = append(b, firstNames[h>>8%16]...)
	b = append(b, '.')
	b = append(b, lastNames[h>>16%16]...)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(user), 10)
	b = append(b, '@')
	return append(b, domains[h>>24%4]...)
}

// appendToken appends the push token of a user's device.
func (s *Simulator) appendToken(b []byte, user int) []byte {
	h := mix(s.seedOf(ofTokens), uint64(user))
	for n := range uint64(4) {
		b = appendHex(b, mix(h, n))
	}
	return b
}

// seedOf returns the seed of the hashes for one kind of thing.
func (s *Simulator) seedOf(kind uint64) uint64 { return mix(s.config.Seed, kind) }
