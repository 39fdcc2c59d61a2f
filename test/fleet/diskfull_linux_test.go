package fleet_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// disk is where a node keeps its data, and where space can be taken away.
type disk struct {
	name string
	// prepare sees to it that the node, which does not run yet, keeps its data there. It is an error if this machine does not let us.
	prepare func(t *testing.T, n *node) error
	// fill leaves no space, or hardly any; free gives it back.
	fill, free func(t *testing.T, n *node)
}

// disks are in the order of how real they are.
func disks() []disk {
	return []disk{
		{"tmpfs", mountWith(syscall.CLONE_NEWNS), fillUp, freeUp},
		{"tmpfs of a user", mountWith(syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER), fillUp, freeUp},
		{"file size limit", blockSignal, limitFiles, unlimitFiles},
	}
}

// The disk is full, and has space again, and nobody touches the node, which keeps everything in a file there: what is read goes on, what is to be
// written is refused with 503, and nothing that was acknowledged is lost.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	ran := 0
	for _, d := range disks() {
		t.Run(d.name, func(t *testing.T) {
			n := newNode(t, "node")
			if err := d.prepare(t, n); err != nil {
				t.Skipf("this machine does not let us: %v", err)
			}
			n.mustStart(t)
			ran++
			fullDisk(t, d, newFleet(t, n))
		})
	}
	if ran == 0 && os.Getenv("JETON_TEST_COMPLETE") == "1" {
		t.Error("no way to fill a disk")
	}
}

func fullDisk(t *testing.T, d disk, f *fleet) {
	t.Helper()
	n := f.nodes[0]
	email, given := mustGrant(f, n)
	_, other := mustGrant(f, n)
	_, ended := mustGrant(f, n)
	f.want(n, signOutBy(ended.Refresh), http.StatusNoContent)

	d.fill(t, n)
	acknowledged := 0
	eventually(t, "a write is refused", func() bool {
		a := refresh(given.Refresh).send(t.Context(), n.address())
		if a.status != http.StatusOK {
			return true
		}
		acknowledged++
		if err := a.decode(&given); err != nil {
			t.Fatal(err)
		}
		return false
	})
	for range 2 {
		for _, c := range []call{refresh(given.Refresh), signIn(email), signUp("new@example.com"), signOutBy(other.Refresh)} {
			if a := c.send(t.Context(), n.address()); !a.unavailable() {
				t.Errorf("%s %s on a full disk: %v, want 503 with Retry-After", c.method, c.path, a)
			}
		}
		f.want(n, verify(given.Access), http.StatusOK)
		f.want(n, verify(other.Access), http.StatusOK) // its sign-out was refused
		f.want(n, get("/auth/me", given.Access), http.StatusOK)
		f.want(n, verify(ended.Access), http.StatusUnauthorized)
		f.want(n, get("/healthz", ""), http.StatusOK)
	}
	ready := get("/readyz", "").send(t.Context(), n.address())

	d.free(t, n)
	took := eventually(t, "what is written is taken again", func() bool {
		a := refresh(given.Refresh).send(t.Context(), n.address())
		return a.status == http.StatusOK && a.decode(&given) == nil
	})
	say(t, "full disk (%s): %d writes still fitted; /readyz was %d meanwhile; writes went on %v after there was space", d.name, acknowledged, ready.status, took.Round(time.Millisecond))
	f.want(n, signIn(email), http.StatusOK)
	f.want(n, signOutBy(other.Refresh), http.StatusNoContent)
	f.want(n, verify(other.Access), http.StatusUnauthorized)
	f.want(n, signUp("new@example.com"), http.StatusCreated)
	if n.starts != 1 {
		t.Error("it was started again")
	}

	n.kill()
	n.mustStart(t)
	f.want(n, refresh(given.Refresh), http.StatusOK)
	f.want(n, refresh(other.Refresh), http.StatusBadRequest)
	f.want(n, refresh(ended.Refresh), http.StatusBadRequest)
	f.want(n, verify(ended.Access), http.StatusUnauthorized)
	f.want(n, signIn(email), http.StatusOK)
	f.want(n, signIn("new@example.com"), http.StatusOK)
	if err := n.stop(); err != nil {
		t.Error(err)
	}
}

// mountWith mounts a small file system in memory over the node's data, in a namespace of its own that nobody else sees and that goes with the test.
func mountWith(flags uintptr) func(t *testing.T, n *node) error {
	return func(t *testing.T, n *node) error {
		t.Helper()
		dir := data(n)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		holder := exec.Command("sh", "-c", `mount -t tmpfs -o size=2m,mode=0700 jeton "$1" && echo mounted && exec cat`, "sh", dir)
		holder.SysProcAttr = endWithParent()
		holder.SysProcAttr.Cloneflags = flags
		namespaces := []string{"--mount"}
		if flags&syscall.CLONE_NEWUSER != 0 {
			root := []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			group := []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
			holder.SysProcAttr.UidMappings, holder.SysProcAttr.GidMappings = root, group
			namespaces = append(namespaces, "--user", "--preserve-credentials")
		}
		var problems strings.Builder
		holder.Stderr = &problems
		stdin, err := holder.StdinPipe()
		if err != nil {
			return err
		}
		stdout, err := holder.StdoutPipe()
		if err != nil {
			return err
		}
		if err := holder.Start(); err != nil {
			return err
		}
		t.Cleanup(func() {
			n.kill()
			stdin.Close()
			_ = holder.Wait() // it has nothing more to say
		})
		said := make([]byte, 16)
		if read, err := stdout.Read(said); err != nil {
			return fmt.Errorf("%w: %s", err, &problems)
		} else if !strings.HasPrefix(string(said[:read]), "mounted") {
			return errors.New(string(said[:read]))
		}
		n.prefix = append([]string{"nsenter", "--target", strconv.Itoa(holder.Process.Pid)}, namespaces...)
		n.prefix = append(n.prefix, "--wdns="+n.dir, "--")
		return nil
	}
}

func data(n *node) string { return filepath.Join(n.dir, "data") }

// filler is a file that takes all the space, as the node's process sees it.
func filler(n *node) string {
	return fmt.Sprintf("/proc/%d/root%s/filler", n.pid(), data(n))
}

func fillUp(t *testing.T, n *node) {
	t.Helper()
	file, err := os.Create(filler(n))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for size := 1 << 16; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}

func freeUp(t *testing.T, n *node) {
	t.Helper()
	if err := os.Remove(filler(n)); err != nil {
		t.Fatal(err)
	}
}

// blockSignal has the node started so that a write beyond the limit on the size of files is an error to it, and not its end.
func blockSignal(_ *testing.T, n *node) error {
	n.prefix = []string{"env", "--block-signal=XFSZ", "--"}
	return errors.Join(exec.Command("env", "--block-signal=XFSZ", "true").Run(), exec.Command("prlimit", "--version").Run())
}

// limitFiles lets no file of the node grow beyond what its largest has, and neither its log, for which there is a pipe.
func limitFiles(t *testing.T, n *node) {
	t.Helper()
	var largest int64
	files, err := filepath.Glob(filepath.Join(data(n), "jeton.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, info.Size())
	}
	setLimit(t, n, strconv.FormatInt(largest, 10))
}

func unlimitFiles(t *testing.T, n *node) {
	t.Helper()
	setLimit(t, n, "unlimited")
}

func setLimit(t *testing.T, n *node, limit string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "prlimit", "--pid", strconv.Itoa(n.pid()), "--fsize="+limit+":unlimited").CombinedOutput()
	if err != nil {
		t.Fatalf("prlimit: %v\n%s", err, output)
	}
}
