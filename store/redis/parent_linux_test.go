package redis_test

import "syscall"

// endWithParent ends a server also when the test that has started it is killed.
func endWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
