package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"runtime"

	"github.com/jetonauth/jeton/internal/userfile"
)

// importSource is a file that is read twice: to check it, and to import it.
type importSource struct {
	file    *os.File
	format  userfile.Format
	remove  string // the name of a copy that is to be removed at the end
	digests []hash.Hash
}

// openImport opens the file. What can be read only once, such as standard input, is copied to a temporary file first, which is its
// owner's alone.
func (a *app) openImport(ctx context.Context, options importOptions) (*importSource, error) {
	if options.file == "-" {
		return spool(ctx, a.in, options)
	}
	file, err := os.Open(options.file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", options.file, cause(err))
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, errors.Join(err, file.Close())
	case info.IsDir():
		return nil, errors.Join(fmt.Errorf("%s: is a directory", options.file), file.Close())
	case info.Mode().IsRegular():
		return &importSource{file: file, format: options.format}, nil
	}
	source, err := spool(ctx, file, options)
	return source, errors.Join(err, file.Close())
}

// spool copies what can be read only once.
func spool(ctx context.Context, in io.Reader, options importOptions) (_ *importSource, err error) {
	file, err := os.CreateTemp("", "jeton-import-*")
	if err != nil {
		return nil, err
	}
	source := &importSource{file: file, format: options.format, remove: file.Name()}
	if runtime.GOOS != "windows" { // where what is open can be removed, nothing stays if this process is killed
		source.remove, err = "", os.Remove(file.Name())
	}
	if err == nil {
		err = copyAll(ctx, file, in)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", options.name(), cause(err)), source.close())
	}
	return source, nil
}

// copyAll copies, but not longer than the context lasts.
func copyAll(ctx context.Context, out io.Writer, in io.Reader) error {
	done := make(chan error, 1)
	go func() { // who is interrupted leaves it behind, and the process ends
		_, err := io.Copy(out, in)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.New("interrupted; nothing was imported")
	}
}

// name is what the file is called in messages.
func (o importOptions) name() string {
	if o.file == "-" {
		return "standard input"
	}
	return o.file
}

// rows reads the file from its beginning. After an error there are no more.
func (s *importSource) rows() iter.Seq2[userfile.Row, error] {
	return func(yield func(userfile.Row, error) bool) {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			yield(userfile.Row{}, err)
			return
		}
		digest := sha256.New()
		s.digests = append(s.digests, digest)
		reader, err := userfile.NewReader(io.TeeReader(s.file, digest), s.format)
		for err == nil {
			var row userfile.Row
			row, err = reader.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil && !yield(row, nil) {
				return
			}
		}
		yield(userfile.Row{}, err)
	}
}

// unchanged reports whether the file was the same each time that it was read to its end.
func (s *importSource) unchanged() bool {
	for _, digest := range s.digests[1:] {
		if !bytes.Equal(digest.Sum(nil), s.digests[0].Sum(nil)) {
			return false
		}
	}
	return true
}

func (s *importSource) close() error {
	err := s.file.Close()
	if s.remove != "" {
		err = errors.Join(err, os.Remove(s.remove))
	}
	return err
}
