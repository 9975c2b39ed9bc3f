package access

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"rollcall/schemas"
)

// Argon2 are the costs of hashing a password with argon2id (RFC 9106).
type Argon2 struct {
	// MemoryKiB is the memory used, Passes how often it is gone over, Lanes the parallel lanes.
	MemoryKiB, Passes uint32
	Lanes             uint8
}

// defaultArgon2 takes 32 MiB, three passes, one lane: more than the OWASP password storage cheat sheet asks for (19
// MiB, two passes) and about a twentieth of a second.
func defaultArgon2() Argon2 { return Argon2{MemoryKiB: 32 * 1024, Passes: 3, Lanes: 1} }

const (
	saltBytes = 16
	hashBytes = 32
	// most* bound what a stored string may ask for, so that a forged record cannot eat the machine.
	mostMemoryKiB = 256 * 1024
	mostPasses    = 16
)

// Limits of a password's length, in characters and in bytes.
const (
	leastPasswordChars = 10
	mostPasswordBytes  = 1024
)

// checkPassword says whether a password may be used by the user: long enough, not endless, not the name.
func checkPassword(name, password string) error {
	switch {
	case !utf8.ValidString(password):
		return errors.New("the password is not UTF-8")
	case utf8.RuneCountInString(password) < leastPasswordChars:
		return fmt.Errorf("the password is too short; use at least %d characters", leastPasswordChars)
	case len(password) > mostPasswordBytes:
		return fmt.Errorf("the password has more than %d bytes; use a shorter one", mostPasswordBytes)
	case strings.EqualFold(name, password):
		return errors.New("the password is the user's name; use another")
	}
	return nil
}

// hash returns the PHC string of the password under a new salt.
func (a Argon2) hash(password string, random io.Reader) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("draw a salt: %w", err)
	}
	key := argon2.IDKey([]byte(password), salt, a.Passes, a.MemoryKiB, a.Lanes, hashBytes)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.MemoryKiB, a.Passes, a.Lanes, b64(salt),
		b64(key)), nil
}

// phc is a stored password taken apart.
type phc struct {
	Argon2
	salt, key []byte
}

// parsePHC reads the string that hash writes; another form, version or cost beyond the bounds is an error.
func parsePHC(s string) (phc, error) {
	var p phc
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, errors.New("the stored password is not an argon2id string of version 19")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes); err != nil {
		return p, fmt.Errorf("read the costs of the stored password: %w", err)
	}
	if p.Lanes == 0 || p.Passes == 0 || p.Passes > mostPasses || p.MemoryKiB == 0 || p.MemoryKiB > mostMemoryKiB {
		return p, fmt.Errorf("the stored password asks for costs out of bounds (%s)", parts[3])
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, fmt.Errorf("read the salt of the stored password: %w", err)
	}
	if p.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return p, fmt.Errorf("read the hash of the stored password: %w", err)
	}
	if len(p.salt) < 8 || len(p.key) < 16 || len(p.key) > 64 {
		return p, errors.New("the stored password has a salt or hash of a length out of bounds")
	}
	return p, nil
}

// matches compares in constant time.
func (p phc) matches(password string) bool {
	//nolint:gosec // at most 64
	key := argon2.IDKey([]byte(password), p.salt, p.Passes, p.MemoryKiB, p.Lanes, uint32(len(p.key)))
	return subtle.ConstantTimeCompare(key, p.key) == 1
}

// passwordOf reads the stored password of a user; a token has none.
func passwordOf(c *schemas.Credential) (phc, error) {
	if !c.User {
		return phc{}, errors.New("a token has no password")
	}
	return parsePHC(c.Hash)
}
