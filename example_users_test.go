package jeton_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/jetonauth/jeton"
)

func ExampleEmailKey() {
	for _, address := range []string{" Ada@Example.COM", "ada@exämple.com", "ada"} {
		key, ok := jeton.EmailKey(address)
		fmt.Printf("%q %t\n", key, ok)
	}
	// Output:
	// "ada@example.com" true
	// "ada@xn--exmple-cua.com" true
	// "" false
}

// The secret is shown once; a service sends it with its name by HTTP Basic.
func ExampleAuth_AddServiceClient() {
	ctx, auth := context.Background(), exampleAuth(exampleConfig())
	secret, err := auth.AddServiceClient(ctx, "billing", []string{jeton.ScopeIntrospect})
	if err != nil {
		log.Fatal(err)
	}
	client, err := auth.CheckServiceClient(ctx, "billing", secret, jeton.Client{})
	fmt.Println(client, client.HasScope(jeton.ScopeIntrospect), err)
	_, err = auth.CheckServiceClient(ctx, "billing", "a guess", jeton.Client{})
	fmt.Println(err)
	_, err = auth.AddServiceClient(ctx, "Billing", []string{"admin"})
	fmt.Println(err)
	// Output:
	// service client billing true <nil>
	// jeton: invalid credentials
	// jeton: invalid: /name must be 1 to 64 of the characters a-z, 0-9, ".", "_" and "-", the first one a letter or digit; /scopes/0 must be one of introspect, revocations
}

// Page by page, each beginning after the last account of the one before.
func ExampleAuth_ListUsers() {
	ctx, auth := context.Background(), exampleAuth(exampleConfig())
	for _, name := range []string{"Ada", "Grace", "Hedy"} {
		if _, err := auth.CreateUser(ctx, jeton.NewUser{Name: name}); err != nil {
			log.Fatal(err)
		}
	}
	total, after := 0, ""
	for {
		page, err := auth.ListUsers(ctx, after, 2)
		if err != nil {
			log.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		total, after = total+len(page), page[len(page)-1].ID
	}
	fmt.Println(total, "accounts")
	// Output: 3 accounts
}

func ExampleLimits() {
	cfg := exampleConfig()
	cfg.Limits.Failures = jeton.Limit{Count: 2, Window: time.Hour}
	ctx, auth := context.Background(), exampleAuth(cfg)
	exampleGrant(ctx, auth)
	for range 3 {
		_, err := auth.SignIn(ctx, jeton.SignInRequest{
			Credentials: &jeton.Credentials{Email: "ada@example.com", Password: "a guess"},
		})
		if limited, ok := errors.AsType[*jeton.LimitError](err); ok {
			fmt.Println(limited.Reason, limited.RetryAfter.Round(time.Minute))
			continue
		}
		fmt.Println(err)
	}
	// Output:
	// jeton: invalid credentials
	// jeton: invalid credentials
	// jeton: too many attempts 30m0s
}

func ExampleNewMemoryLimits() {
	ctx, limit := context.Background(), jeton.Limit{Count: 2, Window: time.Minute}
	now := time.Date(2030, time.May, 1, 12, 0, 0, 0, time.UTC)
	limits := jeton.NewMemoryLimits(1000)
	for range 3 {
		wait, err := limits.Take(ctx, "report of ada", limit, now)
		fmt.Println(wait, err)
	}
	wait, err := limits.Take(ctx, "report of ada", limit, now.Add(30*time.Second))
	fmt.Println(wait, err)
	// Output:
	// 0s <nil>
	// 0s <nil>
	// 30s <nil>
	// 0s <nil>
}

func ExampleAuditFunc() {
	cfg := exampleConfig()
	cfg.Audit = func(_ context.Context, e jeton.Event) {
		fmt.Printf("%s %q\n", e.Type, e.Reason) // and who, when, from where
	}
	ctx, auth := context.Background(), exampleAuth(cfg)
	grant := exampleGrant(ctx, auth)
	_, err := auth.SignIn(ctx, jeton.SignInRequest{
		Credentials: &jeton.Credentials{Email: "ada@example.com", Password: "a guess"},
	})
	if !errors.Is(err, jeton.ErrInvalidCredentials) {
		log.Fatal(err)
	}
	if err := auth.SignOut(ctx, jeton.SignOutRequest{Token: grant.RefreshToken}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// sign_up ""
	// sign_in ""
	// sign_in_failed "wrong password"
	// sign_out "sign_out"
}

// Accounts of another system, with the hashes that it has kept: all are imported, or none.
func ExampleAuth_ImportUsers() {
	ctx, auth := context.Background(), exampleAuth(exampleConfig())
	rows := []jeton.ImportedUser{
		{Email: "ada@example.com", Roles: []string{"admin"}, PasswordHash: "$2y$04$xkt07IxQWvqpOA.LsV/af.r6jaSwR9bCVQHs3.emogcl7.bG1y27W"},
		{Email: "grace@example.com", PasswordHash: "pbkdf2_sha256$1000$saltsaltsalt$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm+aXnClyg="},
	}
	n, err := auth.ImportUsers(ctx, func(yield func(jeton.ImportedUser, error) bool) {
		for _, row := range rows { // or those of a query, or of a file
			if !yield(row, nil) {
				return
			}
		}
	}, jeton.ImportOptions{})
	fmt.Println(n, err)

	grant, err := auth.SignIn(ctx, jeton.SignInRequest{
		Credentials: &jeton.Credentials{Email: "grace@example.com", Password: "correct horse battery staple"},
	})
	fmt.Println(grant.User.Email, err)
	// Output:
	// 2 <nil>
	// grace@example.com <nil>
}

// What is wrong with a row is found out before anything is written.
func ExampleAuth_CheckImport() {
	ctx, auth := context.Background(), exampleAuth(exampleConfig())
	if _, err := auth.CreateUser(ctx, jeton.NewUser{Email: "ada@example.com"}); err != nil {
		log.Fatal(err)
	}
	problems, err := auth.CheckImport(ctx, []jeton.ImportedUser{
		{Email: "ADA@example.com"}, {Email: "grace@example.com"}, {Email: "hedy@example.com", PasswordHash: "5f4dcc3b5aa765d61d8327deb882cf99"},
	})
	fmt.Println(problems, err)
	// Output: [[{/email email_taken is that of another account}] [] [{/password_hash unknown_hash cannot be taken over: hash of an unknown form}]] <nil>
}
