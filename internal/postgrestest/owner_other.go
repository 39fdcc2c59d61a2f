//go:build !linux

package postgrestest

import "syscall"

// owner is who runs the programs: the user who runs the tests.
type owner struct{}

func newOwner() (*owner, error) { return &owner{}, nil }

func (o *owner) give(string) error { return nil }

func (o *owner) attributes() *syscall.SysProcAttr { return nil }
