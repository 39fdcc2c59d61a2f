// Package report writes what was measured, and where, for people.
package report

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine names the processor, how many there are, the system and Go.
func Machine() string {
	return fmt.Sprintf("%s, %d CPUs, GOMAXPROCS %d, %s/%s, %s",
		processor(), runtime.NumCPU(), runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// processor names the processor where the system says it in Linux's way.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// Load returns the system's load averages, or nothing where there are none.
func Load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], " ")
}
