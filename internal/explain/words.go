package explain

import (
	"fmt"
	"time"
)

// distance is how far at is from now, in words: "3 minutes ago", "in 14 minutes", "now".
func distance(at, now time.Time) string {
	switch d := at.Sub(now); {
	case d >= time.Second:
		return "in " + span(d)
	case d <= -time.Second:
		return span(-d) + " ago"
	}
	return "now"
}

// span is a duration of a second and more in its largest unit, cut off.
func span(d time.Duration) string {
	const day, year, most = 24 * time.Hour, 365 * 24 * time.Hour, 290
	if d >= most*year { // a Duration ends at 292
		return "more than " + count(most, "year")
	}
	for _, unit := range []struct {
		from, size time.Duration
		name       string
	}{
		{2 * year, year, "year"}, {2 * day, day, "day"}, {time.Hour, time.Hour, "hour"}, {time.Minute, time.Minute, "minute"},
	} {
		if d >= unit.from {
			return count(int(d/unit.size), unit.name)
		}
	}
	return count(int(d/time.Second), "second")
}

// count is a number of things: "1 key", "2 keys".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// expiry is a moment at which something ends, in words.
func expiry(at, now time.Time) string {
	words := distance(at, now)
	switch {
	case at.After(now):
		return "expires " + words
	case words == "now":
		return "expires now"
	}
	return "expired " + words
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
