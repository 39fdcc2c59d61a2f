//go:build !race

package sessionmodel

const raceDetector = false
