//go:build !race

package main

// withRace says that these tests run with the race detector, and so do the commands that they start.
const withRace = false
