//go:build !linux

package sessions

import (
	"syscall"
	"time"
)

// processorTime and childrenTime are not known here.
func processorTime() time.Duration { return 0 }

func childrenTime(int) time.Duration { return 0 }

func endWithParent() *syscall.SysProcAttr { return nil }
