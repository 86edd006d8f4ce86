package fold

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// salt turns the hash of an id into what the state keeps of it. An id can hold an address,
// and whoever guesses the address can compute its hash: with the state alone, a hash would
// confirm the guess. What the state keeps is the hash encrypted with AES-128 under a key
// that derives from the user key, so nobody can compute it without that. One block of AES
// costs a tenth of the HMAC that makes pseudonyms.
//
// It must not be used by two goroutines at once.
type salt struct {
	block   cipher.Block
	in, out [aes.BlockSize]byte // scratch
}

func newSalt(userKey []byte) *salt {
	mac := hmac.New(sha256.New, userKey)
	mac.Write([]byte("belfry record ids"))
	block, err := aes.NewCipher(mac.Sum(nil)[:aes.BlockSize])
	if err != nil {
		panic(err) // the key has one of AES's sizes
	}
	return &salt{block: block}
}

// id salts the id of a record. plain is a hash.
func (k *salt) id(plain ID) (salted ID) {
	k.in = plain
	k.block.Encrypt(k.out[:], k.in[:])
	return k.out
}

// What the state keeps besides the ids of records is salted with one of these numbers, so
// that equal hashes of different things do not look equal.
const (
	saltOfEvent uint64 = iota + 1
	saltOfField
)

// number salts a hash of at most 64 bits.
func (k *salt) number(plain, of uint64) (salted uint64) {
	binary.LittleEndian.PutUint64(k.in[:], plain)
	binary.LittleEndian.PutUint64(k.in[8:], of)
	k.block.Encrypt(k.out[:], k.in[:])
	return binary.LittleEndian.Uint64(k.out[:])
}

// event salts the hash of an event id in a notification's record. The hash has
// EventHashBits, before and after.
func (k *salt) event(plain uint64) (salted uint64) {
	return k.number(plain, saltOfEvent) & eventHashMask
}

// events salts, in place, the hashes in a record that a version before salts has written.
func (k *salt) events(plain []uint64) {
	for i, hash := range plain {
		plain[i] = k.event(hash)
	}
}

// field salts the hash of a field's name: a producer may have put an id there.
func (k *salt) field(plain uint64) (salted uint64) { return k.number(plain, saltOfField) }
