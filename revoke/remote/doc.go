// Package remote owns the way to follow what a jeton elsewhere has revoked: its GET /auth/revocations as a [revoke.Feed].
//
//	feed, err := remote.New(remote.Config{Issuer: "https://auth.example.com", Name: "news", Secret: secret})
//	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: feed})
//	verifier, err := jeton.NewVerifier(jeton.VerifierConfig{…, Revoked: follower})
//
// Name and Secret are those of a service client with the scope "revocations", which `jeton client add news --scope revocations` makes.
// A token that is revoked there is then refused here within a second, as on the issuer's own nodes, and with [ErrUnavailable of the root] when the
// issuer was away for longer than the follower's MaxStaleness.
//
// Only https is spoken, and http with loopback hosts. No redirect is followed, so that the secret goes to one address; an answer has at most
// 4 MiB. Nothing runs but what somebody waits for, so there is nothing to close.
//
// [ErrUnavailable of the root]: https://pkg.go.dev/github.com/jetonauth/jeton#ErrUnavailable
package remote
