package explain_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/jetonauth/jeton/internal/explain"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func ExampleToken() {
	key, err := jwk.Generate(jwk.EdDSA)
	if err == nil {
		key, err = key.WithID("2026-01")
	}
	if err != nil {
		log.Fatal(err)
	}
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	token, err := jwt.Sign(key, "at+jwt", jwt.Claims{
		Issuer: "https://auth.example.com", Audience: []string{"https://api.example.com/"}, ExpiresAt: noon.Add(15 * time.Minute),
	})
	if err != nil {
		log.Fatal(err)
	}
	keys, err := jwk.NewSet(key)
	if err != nil {
		log.Fatal(err)
	}

	report, err := explain.Token(context.Background(), token, explain.Options{
		Keys: keys, Issuer: "https://auth.example.com", Audience: []string{"https://api.example.com"},
		Now: func() time.Time { return noon },
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict, "-", report.Summary)
	for _, hint := range report.Hints {
		fmt.Println(hint)
	}
	// Output:
	// refused - wrong audience: expected https://api.example.com, got https://api.example.com/
	// "aud" differs only by a slash at the end or the case of letters; verifiers compare byte for byte.
}

func ExampleReport_WriteText() {
	report, err := explain.Token(context.Background(), "Bearer", explain.Options{AnyIssuer: true, AnyAudience: true})
	if err != nil {
		log.Fatal(err)
	}
	if err := report.WriteText(os.Stdout, false); err != nil {
		log.Fatal(err)
	}
	// Output:
	// cannot be judged: no keys were given; it is refused in any case: parts: expected 3, got 1
	//
	// Checks
	//   pass     text           nothing but the token
	//   pass     size           6 bytes
	//   fail     parts          expected 3, got 1
	//   skipped  4 others       not reached: base64url, header, crit, algorithm
	//   unknown  key            no keys were given
	//   skipped  10 others      not reached: key algorithm, signature, payload, claims, exp, nbf, iat, iss, aud, typ
	//   skipped  required       no claim is asked for
	//   skipped  revocation     not reached: the token could not be judged
	//
	// Hints
	//  - A signed token has two dots in it. This is another kind of token, such as an opaque one, which only its issuer can read.
}

func ExampleFromFile() {
	keys, err := explain.FromFile([]byte("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"), nil)
	if err != nil {
		log.Fatal(err)
	}
	set, err := keys.VerifyingKeys(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for key := range set.All() {
		fmt.Println(key.Algorithm())
	}
	// Output: EdDSA
}
