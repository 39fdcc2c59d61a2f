package jsonwebtoken_test

import (
	"context"
	"fmt"
	"time"

	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func ExampleNewVerifier() {
	options := jsonwebtoken.VerifyOptions{Algorithms: []jwk.Algorithm{jwk.HS256}, Audience: []string{"api"}}
	keys, err := jsonwebtoken.ParseKeys([]byte("b3RoZXIgYnl0ZXMgZm9yIGV2ZXJ5IHRlc3QgaGVyZSE="), options.Algorithms)
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := jsonwebtoken.NewVerifier(jsonwebtoken.Config{Dialect: "express", Verify: options, Own: keys})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := jwt.Sign(keys[0], "JWT", jwt.Claims{Subject: "1", Audience: []string{"shop"}, ExpiresAt: time.Now().Add(time.Hour)})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = verifier.Verify(context.Background(), token)
	message, ok := jsonwebtoken.Message(err, "The token has been revoked.")
	fmt.Println(message, ok)
	// Output: jwt audience invalid. expected: api true
}

func ExampleRefused() {
	err := jsonwebtoken.Refused("There is no such tenant.", &jwt.Refusal{Reason: jwt.ErrUnknownKey})
	message, _ := jsonwebtoken.Message(fmt.Errorf("finding the key: %w", err), "jwt revoked")
	fmt.Println(message)
	// Output: There is no such tenant.
}
