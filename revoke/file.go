package revoke

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The bounds of a file of revocations.
const (
	maxFileSize = 256 << 20
	// fileInterval is how old knowledge may be before the file is looked at again.
	fileInterval = 400 * time.Millisecond
	// fileSettled is how long a file must have been left alone before what it lacks is forgotten: until then it may be half written.
	fileSettled = 2 * time.Second
)

// FileConfig says where a [File] is.
type FileConfig struct {
	// Path is the file. It must be there when [NewFile] is called.
	Path string
	// MaxStaleness is how long the last good answer may be used while the file cannot be read. Zero means 10 s.
	MaxStaleness time.Duration
	// Logger is told when the file cannot be read, and when it can again. Nil means slog.Default().
	Logger *slog.Logger
}

// File is a [Checker] over a file with one token, token id ("jti") or session id ("sid") a line. Empty lines and those that begin with #
// do not count, nor does white space around a line. The file is read again when it has changed, which is looked for at most every
// 400 ms, when somebody asks.
//
// Programs that write while it is read do no harm: a last line without its end is no line yet; and until the file was left alone
// for 2 s, lines that it has lost are not forgotten, so that writing it anew does not let anything through. Replacing it
// by renaming another file is noticed as well.
//
// A token counts without its signature: what can be signed again in another form is the same token.
type File struct {
	cfg   FileConfig
	known atomic.Pointer[fileState]
	mu    sync.Mutex // held by the one who looks at the file
	fail  error      // of the last look; guarded by mu
	tried time.Time  // when that ended; guarded by mu
}

// fileState is what the file said. It is immutable.
type fileState struct {
	lines   map[ID]struct{}
	signed  map[ID]struct{} // what is signed of the lines that may be tokens; an id may look like one
	info    fs.FileInfo
	settled bool      // it was left alone for long enough, and nothing of before is in it
	readAt  time.Time // when the last good look at it began
}

var _ Checker = (*File)(nil)

// NewFile reads the file and returns what checks tokens against it. The error says what is wrong with it, or with cfg.
func NewFile(cfg FileConfig) (*File, error) {
	switch {
	case cfg.Path == "":
		return nil, errors.New("revoke: FileConfig.Path: must not be empty")
	case cfg.MaxStaleness < 0:
		return nil, fmt.Errorf("revoke: FileConfig.MaxStaleness: %v, must not be negative", cfg.MaxStaleness)
	case cfg.MaxStaleness == 0:
		cfg.MaxStaleness = 10 * time.Second
	}
	f := &File{cfg: cfg}
	if err := f.look(); err != nil {
		return nil, fmt.Errorf("revoke: FileConfig.Path: %w", err)
	}
	return f, nil
}

// Revoked reports whether the file names the token or its session. It is [ErrStale] when the file could not be read for MaxStaleness.
func (f *File) Revoked(ctx context.Context, token Token) (bool, error) {
	known := f.current(ctx)
	if time.Since(known.readAt) > f.cfg.MaxStaleness {
		return false, fmt.Errorf("%w: %s cannot be read", ErrStale, f.cfg.Path)
	}
	return known.has(token), nil
}

// Len is the number of lines that count.
func (f *File) Len() int { return len(f.known.Load().lines) }

// current looks at the file if that is due. One does it for all; who comes meanwhile waits only if what is known is old.
func (f *File) current(ctx context.Context) *fileState {
	known := f.known.Load()
	age := time.Since(known.readAt)
	if age < fileInterval {
		return known
	}
	if age < 2*fileInterval {
		if !f.mu.TryLock() {
			return known
		}
	} else {
		f.mu.Lock()
	}
	defer f.mu.Unlock()
	if time.Since(f.known.Load().readAt) < fileInterval || f.fail != nil && time.Since(f.tried) < fileInterval {
		return f.known.Load() // somebody else has looked
	}
	f.tell(ctx, f.look())
	return f.known.Load()
}

// tell logs that something has changed for the better or the worse.
func (f *File) tell(ctx context.Context, err error) {
	logger := f.cfg.Logger
	if logger == nil {
		logger = slog.Default()
	}
	switch {
	case err != nil && f.fail == nil:
		logger.ErrorContext(ctx, "the file of revoked tokens cannot be read", "error", err)
	case err == nil && f.fail != nil:
		logger.InfoContext(ctx, "the file of revoked tokens can be read again", "path", f.cfg.Path)
	}
	f.fail, f.tried = err, time.Now()
}

// look reads the file if it is not as it was.
func (f *File) look() error {
	began := time.Now()
	before := f.known.Load()
	info, err := os.Stat(f.cfg.Path)
	if err != nil {
		return err
	}
	if before != nil && before.settled && sameFile(before.info, info) {
		again := *before
		again.readAt = began
		f.known.Store(&again)
		return nil
	}
	text, info, err := readFile(f.cfg.Path)
	if err != nil {
		return err
	}
	next := &fileState{lines: map[ID]struct{}{}, signed: map[ID]struct{}{}, info: info, readAt: began}
	next.add(text)
	// By the same clock that the file's time is of: one in the future has settled too, or it never would.
	age := began.Sub(info.ModTime())
	next.settled = age >= fileSettled || age < -fileSettled
	if before != nil && !next.settled {
		maps.Copy(next.lines, before.lines)
		maps.Copy(next.signed, before.signed)
	}
	f.known.Store(next)
	return nil
}

func sameFile(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// readFile returns the text with what the file was before that.
func readFile(path string) ([]byte, fs.FileInfo, error) {
	file, err := os.Open(path) //nolint:gosec // the path is the operator's
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFileSize+1))
	if err == nil && len(text) > maxFileSize {
		err = fmt.Errorf("%s has more than %d bytes", path, maxFileSize)
	}
	return text, info, err
}

// add takes over the lines of text that have an end.
func (s *fileState) add(text []byte) {
	for {
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		if !ended {
			return
		}
		text = rest
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		s.lines[sha256.Sum256(line)] = struct{}{}
		if signed, ok := signedPart(string(line)); ok {
			s.signed[IDOf(signed)] = struct{}{}
		}
	}
}

// signedPart returns a compact token without its signature, if text may be one.
func signedPart(text string) (string, bool) {
	last := strings.LastIndexByte(text, '.')
	if last < 0 || strings.Count(text, ".") != 2 {
		return "", false
	}
	return text[:last], true
}

func (s *fileState) has(token Token) bool {
	if len(s.lines) == 0 {
		return false
	}
	ids := token.IDs
	if ids == nil {
		computed := IDsOf(token.ID, token.Session)
		ids = &computed
	}
	if _, ok := s.lines[ids.Token]; ok && token.ID != "" {
		return true
	}
	if _, ok := s.lines[ids.Session]; ok && token.Session != "" {
		return true
	}
	if len(s.signed) == 0 {
		return false
	}
	signed, ok := signedPart(token.Raw)
	if !ok {
		return false
	}
	_, ok = s.signed[IDOf(signed)]
	return ok
}
