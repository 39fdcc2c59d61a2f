//go:build !linux

package fleet_test

import "syscall"

// endWithParent ends a program also when the test that has started it is killed, where the system knows how.
func endWithParent() *syscall.SysProcAttr { return nil }
