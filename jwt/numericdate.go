package jwt

import (
	"errors"
	"strings"
	"time"
)

// numericDate reads value, the JSON text of a member, as a NumericDate (RFC 7519, section 2): seconds since 1970,
// possibly with a fraction, which is kept to the nanosecond. Moments before 1970 or after the year 9999 are errors. It
// works on the decimal digits, because a float64 is too coarse for nanoseconds.
func numericDate(value string) (time.Time, error) {
	if value[0] == '-' {
		return time.Time{}, errors.New("a time before 1970")
	}
	if !isDigit(value[0]) {
		return time.Time{}, errors.New("not a number")
	}
	if seconds, ok := wholeSeconds(value); ok {
		return time.Unix(seconds, 0).UTC(), nil
	}
	digits, point := decimal(value)
	if point > len("253402300799") {
		return time.Time{}, errTooLate
	}
	var seconds, nanoseconds int64
	for i := range point {
		seconds = 10*seconds + digitAt(digits, i)
	}
	for i := point; i < point+9; i++ {
		nanoseconds = 10*nanoseconds + digitAt(digits, i)
	}
	if seconds > maxNumericDate {
		return time.Time{}, errTooLate
	}
	return time.Unix(seconds, nanoseconds).UTC(), nil
}

// wholeSeconds reads what nearly every token has: a few digits and nothing else.
func wholeSeconds(value string) (seconds int64, ok bool) {
	if len(value) > 11 {
		return 0, false
	}
	for i := range len(value) {
		if !isDigit(value[i]) {
			return 0, false
		}
		seconds = 10*seconds + int64(value[i]-'0')
	}
	return seconds, true
}

// maxNumericDate is the last second of the year 9999, after which RFC 3339 ends.
const maxNumericDate = 253402300799

var errTooLate = errors.New("a time after the year 9999")

// decimal returns the significant digits of a JSON number that is not negative, and how many of them are before the
// decimal point, which may be less than none.
func decimal(number string) (digits string, point int) {
	mantissa, exponent := number, 0
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		mantissa, exponent = number[:i], smallInt(number[i+1:])
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits = whole
	if fraction != "" {
		digits += fraction
	}
	significant := strings.TrimLeft(digits, "0")
	if significant == "" {
		return "", 0
	}
	return significant, len(whole) + exponent - (len(digits) - len(significant))
}

// smallInt reads an exponent. What is beyond any number of digits that a token can have is cut to that.
func smallInt(text string) int {
	const limit = 1 << 24
	negative := text[0] == '-'
	n := 0
	for _, c := range strings.TrimLeft(text, "+-") {
		n = min(10*n+int(c-'0'), limit)
	}
	if negative {
		return -n
	}
	return n
}

func digitAt(digits string, i int) int64 {
	if i < 0 || i >= len(digits) {
		return 0
	}
	return int64(digits[i] - '0')
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
