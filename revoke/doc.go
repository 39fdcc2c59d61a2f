// Package revoke owns what is no longer valid although its signature and times are: which sessions and tokens were
// ended early, how a process learns of it, and how it is asked on every request without a query.
//
// A store gives a [Feed] of numbered entries. A [Follower] keeps the live ones in memory and reads the new ones when
// it is asked and its knowledge is older than a fraction of a second, so that there is no goroutine to start or stop.
// Whatever answers "is this token revoked?" is a [Checker].
package revoke
