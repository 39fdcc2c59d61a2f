// Package rules_test holds the architecture's rules about who may import whom, as tests.
//
// The rooms and what each may import are the table in rooms_test.go. A new package needs a row there; a new
// requirement of a module that uses only a guard needs a line in testdata/guard-requires.txt. Both are meant
// to be seen in review.
package rules_test
