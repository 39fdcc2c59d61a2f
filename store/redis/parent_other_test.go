//go:build !linux

package redis_test

import "syscall"

// endWithParent can do nothing here for a test that is killed.
func endWithParent() *syscall.SysProcAttr { return nil }
