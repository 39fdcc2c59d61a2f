package jwt_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func ExampleSign() {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		log.Fatal(err)
	}
	issued := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	token, err := jwt.Sign(key, "at+jwt", jwt.Claims{
		Issuer:    "https://issuer.example",
		Subject:   "42",
		Audience:  []string{"https://api.example"},
		IssuedAt:  issued,
		ExpiresAt: issued.Add(15 * time.Minute),
		Extra:     map[string]any{"scope": "read write"},
	})
	if err != nil {
		log.Fatal(err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	fmt.Printf("%s %v\n", payload, err)
	// Output:
	// {"iss":"https://issuer.example","sub":"42","aud":"https://api.example","exp":1767356100,"iat":1767355200,"scope":"read write"} <nil>
}

func ExampleVerifier_Verify() {
	key, err := jwk.Generate(jwk.EdDSA)
	if err != nil {
		log.Fatal(err)
	}
	token, err := jwt.Sign(key, "at+jwt", jwt.Claims{
		Issuer:    "https://issuer.example",
		Subject:   "42",
		Audience:  []string{"https://api.example"},
		ExpiresAt: time.Now().Add(15 * time.Minute),
		Extra:     map[string]any{"scope": "read write"},
	})
	if err != nil {
		log.Fatal(err)
	}

	verifier, err := jwt.NewVerifier(jwt.VerifierConfig{
		Issuer:   "https://issuer.example",
		Audience: []string{"https://api.example"},
	})
	if err != nil {
		log.Fatal(err)
	}
	keys, err := jwk.NewSet(key.Public())
	if err != nil {
		log.Fatal(err)
	}
	verified, err := verifier.Verify(token, keys)
	if err != nil {
		log.Fatal(err)
	}
	scope, _ := verified.StringClaim("scope")
	fmt.Println(verified.Subject(), scope)
	// Output: 42 read write
}

func ExampleToken_Claims() {
	verified, err := signAndVerify(jwt.Claims{
		Subject:   "42",
		ExpiresAt: time.Now().Add(15 * time.Minute),
		Extra:     map[string]any{"realm_access": map[string]any{"roles": []string{"user"}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	var claims struct {
		Subject     string `json:"sub"`
		RealmAccess struct {
			Roles []string `json:"roles"`
		} `json:"realm_access"`
	}
	if err := verified.Claims(&claims); err != nil {
		log.Fatal(err)
	}
	fmt.Println(claims.Subject, claims.RealmAccess.Roles)
	// Output: 42 [user]
}

// signAndVerify returns what a service gets that accepts every issuer and audience.
func signAndVerify(claims jwt.Claims) (*jwt.Token, error) {
	key, err := jwk.Generate(jwk.HS256)
	if err != nil {
		return nil, err
	}
	token, err := jwt.Sign(key, "at+jwt", claims)
	if err != nil {
		return nil, err
	}
	verifier, err := jwt.NewVerifier(jwt.VerifierConfig{AnyIssuer: true, AnyAudience: true})
	if err != nil {
		return nil, err
	}
	keys, err := jwk.NewSet(key)
	if err != nil {
		return nil, err
	}
	return verifier.Verify(token, keys)
}

func ExampleRefusal() {
	key, err := jwk.Generate(jwk.HS256)
	if err != nil {
		log.Fatal(err)
	}
	expiry := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	token, err := jwt.Sign(key, "", jwt.Claims{Subject: "42", ExpiresAt: expiry})
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := jwt.NewVerifier(jwt.VerifierConfig{
		AnyIssuer:   true,
		AnyAudience: true,
		Now:         func() time.Time { return expiry.Add(time.Minute) },
	})
	if err != nil {
		log.Fatal(err)
	}
	keys, err := jwk.NewSet(key)
	if err != nil {
		log.Fatal(err)
	}
	_, err = verifier.Verify(token, keys)
	if errors.Is(err, jwt.ErrExpired) {
		fmt.Println("sign in again")
	}
	if refusal, ok := errors.AsType[*jwt.Refusal](err); ok { // or errors.As
		fmt.Println(refusal.Claim, refusal.Got)
	}
	fmt.Println(err)
	// Output:
	// sign in again
	// exp 2026-01-02T12:00:00Z
	// jwt: token expired: "exp" 2026-01-02T12:00:00Z, judged at 2026-01-02T12:01:00Z, leeway 30s
}

func ExampleUnverifiedHeader() {
	const token = "eyJhbGciOiJFUzI1NiIsImtpZCI6Im5leHQiLCJ0eXAiOiJhdCtqd3QifQ.e30.c2lnbmF0dXJl"
	header, err := jwt.UnverifiedHeader(token)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(header.Algorithm, header.KeyID, header.Type)
	// Output: ES256 next at+jwt
}
