package access

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
)

// TokenPrefix starts every token, so that people and secret scanners recognise one.
const TokenPrefix = "rc_"

// tokenBytes is the length of a token's random part: 256 bits.
const tokenBytes = 32

// newSecret makes a token from the random source: the prefix and 43 characters of base64url.
func newSecret(random io.Reader) (string, error) {
	b := make([]byte, tokenBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("draw a token: %w", err)
	}
	return TokenPrefix + base64.RawURLEncoding.EncodeToString(b), nil
}

// hashToken returns what is stored of a token: the SHA-256 of the whole secret, in hex.
func hashToken(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(h[:])
}
