// Package bench compares jeton with other libraries that check and make access tokens: on the same tokens, with the same checks,
// each set up as its own documentation recommends. Its tests prove that the comparison is fair, and search for tokens and keys that
// jeton and the others judge differently. README.md says what is measured, and how.
//
// It is a module of its own, so that nobody who uses jeton gets what it is compared with.
package bench
