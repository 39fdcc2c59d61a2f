// Package explain says why a token is accepted or refused: its header, its claims, the claims' times in words, and every
// check by itself, with what was expected and what the token has.
//
// The verdict is a verifier's, never this package's: that of [Options.Verifier], or of a [jeton.TokenVerifier] with the rules of
// the [Options]. A check stands for one of its rules; it is found by the public functions of package jwt with every other rule
// relaxed, so that a token which is wrong in three ways shows three failed checks. Claims are also shown where no signature proves
// them, and whatever says so is marked.
//
// Nothing of a token leaves the process, and its signature is never part of a report.
package explain
