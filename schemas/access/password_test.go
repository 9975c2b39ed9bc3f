package access

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

func TestAStoredPasswordCarriesItsOwnCosts(t *testing.T) {
	old := Argon2{MemoryKiB: 64, Passes: 2, Lanes: 2}
	s, err := old.hash("correct horse battery", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(s, "$argon2id$v=19$m=64,t=2,p=2$") {
		t.Errorf("the PHC string is %s", s)
	}
	p, err := parsePHC(s)
	if err != nil || p.Argon2 != old || !p.matches("correct horse battery") || p.matches("correct horse batterz") {
		t.Errorf("%s reads as %+v, %v", s, p, err)
	}
	if want := argon2.IDKey([]byte("correct horse battery"), p.salt, 2, 64, 2, hashBytes); !bytes.Equal(p.key, want) {
		t.Error("the key is not argon2id of the password")
	}
	again, _ := old.hash("correct horse battery", rand.Reader)
	if again == s {
		t.Error("two hashes share a salt")
	}
}

func FuzzParsePHC(f *testing.F) {
	good, err := Argon2{MemoryKiB: 8, Passes: 1, Lanes: 1}.hash("x", rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{good, "", "$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA", strings.Replace(good, "t=1", "t=0", 1), "$$$$$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePHC(s)
		if err == nil && (p.MemoryKiB > mostMemoryKiB || p.Passes > mostPasses || p.Passes == 0 || p.Lanes == 0 ||
			len(p.salt) < 8) {
			t.Fatalf("%q asks for %+v", s, p)
		}
	})
}
