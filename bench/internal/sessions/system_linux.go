package sessions

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processorTime is how much time of processors this process has used.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// childrenTime is how much time of processors the children of a process have used that are there now; 0 if the system does not say.
func childrenTime(process int) time.Duration {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", process, process))
	if err != nil {
		return 0
	}
	var sum time.Duration
	for child := range strings.FieldsSeq(string(children)) {
		text, err := os.ReadFile("/proc/" + child + "/schedstat") //nolint:gosec // child is a number of the system's
		if err != nil {
			continue // it has ended
		}
		running, _, _ := strings.Cut(string(text), " ")
		if ns, err := strconv.ParseInt(running, 10, 64); err == nil {
			sum += time.Duration(ns)
		}
	}
	return sum
}

// endWithParent ends a program with this process, whatever becomes of it.
func endWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
