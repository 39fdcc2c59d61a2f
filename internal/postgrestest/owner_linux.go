package postgrestest

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// owner is who runs the programs: PostgreSQL refuses to be run by root.
type owner struct{ uid, gid int }

func newOwner() (*owner, error) {
	if os.Getuid() != 0 {
		return &owner{os.Getuid(), os.Getgid()}, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("postgrestest: this is root, and PostgreSQL needs somebody else: %w", err)
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(account.Gid)
	return &owner{uid, gid}, err
}

// give makes a folder the owner's.
func (o *owner) give(dir string) error { return os.Chown(dir, o.uid, o.gid) }

// attributes make a program the owner's, and end it with this process.
func (o *owner) attributes() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if os.Getuid() == 0 {
		attributes.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
	}
	return attributes
}
