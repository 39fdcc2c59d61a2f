//go:build race

package sessionmodel

// raceDetector is on: everything takes ten times as long.
const raceDetector = true
