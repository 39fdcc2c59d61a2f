package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"
)

// maxFile bounds the file, in bytes. Settings are a few lines.
const maxFile = 1 << 20

// file is a file of settings as it is read.
type file struct {
	data         []byte
	readByOthers bool
}

// readFile reads a file. The error is what is wrong with it, without its name.
func readFile(name string) (file, error) {
	f, err := os.Open(name) //nolint:gosec // the operator names it
	if err != nil {
		return file{}, because(err)
	}
	content, err := read(f)
	return content, errors.Join(err, f.Close())
}

func read(f *os.File) (file, error) {
	info, err := f.Stat()
	if err != nil {
		return file{}, because(err)
	}
	if info.IsDir() {
		return file{}, errors.New("is a directory, want a file")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return file{}, because(err)
	}
	if len(data) > maxFile {
		return file{}, errors.New("is larger than 1 MB, and so hardly a file of settings")
	}
	others := runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o044 != 0
	return file{data: data, readByOthers: others}, nil
}

// because says why a file cannot be read, without its path.
func because(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("does not exist%w", silent{err})
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err
	}
	return fmt.Errorf("cannot be read: %w", err)
}

// silent is an error to be found, not to be read.
type silent struct{ error }

func (silent) Error() string { return "" }

func (s silent) Unwrap() error { return s.error }

var byteOrderMark = []byte("\uFEFF")

// checkText says where a file is not the text that YAML is made of.
func checkText(data []byte) (text []byte, line, column int, what string) {
	text = bytes.TrimPrefix(data, byteOrderMark)
	line, column = 1, 1
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			return nil, line, column, "is not UTF-8"
		case r == '\n':
			line, column = line+1, 0
		case r < ' ' && !strings.ContainsRune("\t\r", r), r >= 0x7f && r < 0xa0 && r != 0x85:
			return nil, line, column, fmt.Sprintf("a control character, %U, which YAML does not allow", r)
		}
		rest, column = rest[size:], column+1
	}
	return text, 0, 0, ""
}
