package userfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// lines reads a file line by line.
type lines struct {
	r      *bufio.Reader
	number int // of the line that was read last
}

// newLines returns the lines of r, without the mark that says that it is UTF-8.
func newLines(r io.Reader) (*lines, error) {
	l := &lines{r: bufio.NewReaderSize(r, MaxRow+2)}
	mark, err := l.r.Peek(3)
	if err != nil && !isEOF(err) {
		return nil, err
	}
	switch {
	case string(mark) == "\xEF\xBB\xBF":
		_, err = l.r.Discard(len(mark))
		return l, err
	case bytes.HasPrefix(mark, []byte("\xFF\xFE")), bytes.HasPrefix(mark, []byte("\xFE\xFF")):
		return nil, &FileError{Text: "it is UTF-16; want UTF-8"}
	case bytes.HasPrefix(mark, []byte("\x1F\x8B")):
		return nil, &FileError{Text: "it is compressed by gzip; want the text"}
	}
	return l, nil
}

// errLong is that of a line that is longer than [MaxRow]. It was skipped.
var errLong = errors.New("line is too long")

// next returns the next line without its end, LF or CRLF. The error is [io.EOF] behind the last one.
func (l *lines) next() (string, error) {
	line, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		l.number++
		return "", l.skip()
	}
	if err != nil && (!isEOF(err) || len(line) == 0) {
		return "", err
	}
	l.number++
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	if len(line) > MaxRow {
		return "", errLong
	}
	return string(line), nil
}

// skip reads on to the end of a line.
func (l *lines) skip() error {
	for {
		switch _, err := l.r.ReadSlice('\n'); {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, isEOF(err):
			return errLong
		default:
			return err
		}
	}
}

// invalidAt returns the position of the first byte of text that is not UTF-8, from 1 on, or 0.
func invalidAt(text string) int {
	if utf8.ValidString(text) {
		return 0
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i + 1
		}
		i += size
	}
	return 0
}
