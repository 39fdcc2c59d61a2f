//go:build race

package fleet_test

// withRace says that these tests run with the race detector, and so does the program that they build.
const withRace = true
