package jeton

import "testing"

// What is taken for a secret is exactly what could have been made as one.
func FuzzServiceSecret(f *testing.F) {
	secret := newServiceSecret()
	for _, seed := range []string{"", servicePrefix, secret, secret[:len(secret)-1], secret + "A", "jrt_" + secret[4:], secret[:10] + "\n" + secret[11:]} {
		f.Add(seed)
	}
	if !isServiceSecret(secret) {
		f.Errorf("%q is no secret", secret)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !isServiceSecret(s) {
			return
		}
		if len(s) != len(secret) || s[:4] != servicePrefix {
			t.Errorf("%q is taken for a secret", s)
		}
		for i := range s { // canonical, and the checksum covers all of it
			changed := []byte(s)
			changed[i] ^= 1
			if isServiceSecret(string(changed)) {
				t.Errorf("%q is taken for a secret as well as %q", changed, s)
			}
		}
	})
}
