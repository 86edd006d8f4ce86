package fold

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
)

// Pseudonyms turns user ids into the ids under which users are filed. Make one with
// NewPseudonyms. It must not be used by two goroutines at once.
type Pseudonyms struct {
	mac     hash.Hash
	id, sum []byte // scratch
}

// NewPseudonyms makes the pseudonyms of an installation from its user key. Another
// key gives every user another pseudonym.
func NewPseudonyms(key []byte) *Pseudonyms {
	return &Pseudonyms{mac: hmac.New(sha256.New, key)}
}

// Of returns the user's pseudonym: the first half of HMAC-SHA-256 of the id.
// Without the key nobody can compute it, not even from a list of all user ids.
func (p *Pseudonyms) Of(user string) (id ID) {
	p.mac.Reset()
	p.id = append(p.id[:0], user...)
	p.mac.Write(p.id)
	p.sum = p.mac.Sum(p.sum[:0])
	copy(id[:], p.sum)
	return id
}
