// Package remote owns key sets of somebody else: it fetches a JWK Set over HTTP, discovers where an issuer publishes it,
// and keeps it fresh while it is used.
//
//	keys, err := remote.Discover(ctx, "https://issuer.example.com")
//
// A [Source] is a [jwk.VerifyingSource] and a [jwk.Refresher]. It needs no Close, since nothing of it runs but a fetch that
// somebody asked for, for at most 10 seconds:
//
//   - The set is used for as long as "Cache-Control: max-age" says, between a minute and an hour, 15 minutes without it.
//     Who asks then starts a fetch in the background and gets the set as it was.
//   - For a key id that the set does not have, it is fetched again at once, but at most once in 30 seconds, however many
//     ask for however many ids.
//   - All who ask during a fetch share it. Giving up waiting does not end it.
//   - A failed fetch is tried again after a second, then two, up to a minute. For 24 hours the last set is served; after
//     that the answer is [ErrUnavailable].
//
// Only https is spoken, and http with loopback hosts. A redirect may not leave the host, an answer has at most 1 MiB.
package remote
