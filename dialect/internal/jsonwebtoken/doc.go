// Package jsonwebtoken checks what the jsonwebtoken package for Node.js checks, and says in its words why a token is refused, over jeton's
// verifier: dialects whose stacks verify with it have that in common.
//
//	verifier, err := jsonwebtoken.NewVerifier(jsonwebtoken.Config{Dialect: "express", Verify: options, Own: keys})
//	p, err := verifier.Verify(ctx, token)
//	message, ok := jsonwebtoken.Message(err, "The token has been revoked.")
//
// [NewVerifier] makes a verifier of [VerifyOptions] and of keys: those that [ParseKeys] reads, those that a [KeyFunc] finds, or another
// issuer's. [Message] finds the words for any verifier's refusal, and [Refused] makes one with a dialect's own.
//
// The proof is jeton's, and so stricter than jsonwebtoken's: a token needs "exp", its key decides the algorithm, what is not strictly in
// form is refused, and it is no longer than jwt.DefaultMaxSize. Where jsonwebtoken has no words for it, that is "invalid token".
package jsonwebtoken
