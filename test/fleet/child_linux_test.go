package fleet_test

import "syscall"

// endWithParent ends a program also when the test that has started it is killed.
func endWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
