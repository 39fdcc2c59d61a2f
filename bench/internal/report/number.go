package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/jetonauth/jeton/bench/internal/measure"
)

// Interval writes a median and the interval around it.
func Interval(e measure.Estimate, format func(float64) string) string {
	return fmt.Sprintf("%s [%s, %s]", format(e.Median), format(e.Low), format(e.High))
}

// Duration writes nanoseconds with three significant digits.
func Duration(ns float64) string {
	switch size := math.Abs(ns); {
	case size < 999.5:
		return Digits(ns) + " ns"
	case size < 999.5e3:
		return Digits(ns/1e3) + " µs"
	case size < 999.5e6:
		return Digits(ns/1e6) + " ms"
	default:
		return Digits(ns/1e9) + " s"
	}
}

// Digits writes x with three significant digits, small numbers with two or one.
func Digits(x float64) string {
	switch size := math.Abs(x); {
	case size < 0.0995:
		return fmt.Sprintf("%.3f", x)
	case size < 9.995:
		return fmt.Sprintf("%.2f", x)
	case size < 99.95:
		return fmt.Sprintf("%.1f", x)
	default:
		return fmt.Sprintf("%.0f", x)
	}
}

// Count writes how many there are of something on average, which may be a fraction.
func Count(x float64) string {
	if rounded := math.Round(x); math.Abs(x-rounded) < 0.05 || rounded >= 10 {
		return fmt.Sprintf("%.0f", rounded+0) // no minus before a 0
	}
	return fmt.Sprintf("%.1f", x)
}

// Grouped writes a number with a comma before each three digits.
func Grouped(x float64) string {
	text := fmt.Sprintf("%.0f", math.Abs(x))
	var b strings.Builder
	if x <= -0.5 {
		b.WriteByte('-')
	}
	for i, digit := range text {
		if i > 0 && (len(text)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// Bytes writes a size in units of 1000.
func Bytes(x float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if math.Abs(x) >= 0.9995*unit.size {
			return Digits(x/unit.size) + " " + unit.name
		}
	}
	return fmt.Sprintf("%.0f bytes", x)
}

// Table writes rows of cells below their heads, as Markdown. The first cell of a row is its name.
func Table(heads []string, rows [][]string) string {
	var b strings.Builder
	b.WriteString("| | " + strings.Join(heads, " | ") + " |\n|---|" + strings.Repeat("---:|", len(heads)) + "\n")
	for _, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	return b.String()
}
