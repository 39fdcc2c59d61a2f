package main

import (
	"fmt"
	"time"
)

// duration reads the value of a flag, in the words of a wrong setting.
func duration(flag, text string, least, most time.Duration, want string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	var wrong string
	switch {
	case err != nil:
		wrong = "is no duration"
	case d < least:
		wrong = "is too short"
	case d > most:
		wrong = "is too long"
	default:
		return d, nil
	}
	return 0, fmt.Errorf("--%s: %q %s; want %s", flag, text, wrong, want)
}
