package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/explain"
	"github.com/jetonauth/jeton/jwk"
)

func newKeysExportCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export [KEY]",
		Short: "Print the public keys that verify, or one private key",
		Long: `The public keys are a JWK Set as the server publishes it, or PEM blocks, one behind the
other; KEY chooses one. Private keys never leave by accident: --private names the one,
and it is asked about. Whoever has it can make tokens of everybody.`,
		Example: `  jeton keys export --out jwks.json
  jeton keys export --format pem
  jeton keys export --private KEY --out key.json`,
		Args: arguments("[KEY]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withKeys(cmd, func(ctx context.Context, ring *jeton.KeyRing) error { return a.exportKeys(ctx, cmd, ring, args) })
		},
	}
	cmd.Flags().String("private", "", "print this `KEY` with its private part")
	cmd.Flags().String("out", "", "write to a new `FILE`, which is its owner's alone if the key is private")
	cmd.Flags().String("format", formatJWK, "`FORMAT` of the keys: jwk or pem")
	if err := errors.Join(
		cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]cobra.Completion{formatJWK, formatPEM}, cobra.ShellCompDirectiveNoFileComp)),
		cmd.RegisterFlagCompletionFunc("out", completeFile),
	); err != nil {
		panic(err) // the flags were added above
	}
	addYes(cmd)
	addJSON(cmd)
	return cmd
}

// completeFile lets a shell complete names of files.
func completeFile(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// The formats of keys.
const (
	formatJWK = "jwk"
	formatPEM = "pem"
)

// export is what to export, and how.
type export struct{ kid, private, file, format string }

func newExport(cmd *cobra.Command, args []string) (e export, err error) {
	var errs [4]error
	var asJSON bool
	e.private, errs[0] = cmd.Flags().GetString("private")
	e.file, errs[1] = cmd.Flags().GetString("out")
	e.format, errs[2] = cmd.Flags().GetString("format")
	asJSON, errs[3] = cmd.Flags().GetBool(jsonFlag)
	if err := errors.Join(errs[:]...); err != nil {
		return e, err
	}
	if len(args) > 0 {
		e.kid = args[0]
	}
	switch {
	case e.format != formatJWK && e.format != formatPEM:
		return e, fmt.Errorf("--format: %q; want jwk or pem", e.format)
	case e.format == formatPEM && asJSON:
		return e, usageError{"--format pem is no JSON" + hint(cmd, "")}
	case cmd.Flags().Changed("private") && (e.private == "" || e.kid != ""):
		return e, usageError{"--private names the one key to export" + hint(cmd, "")}
	}
	return e, nil
}

func (a *app) exportKeys(ctx context.Context, cmd *cobra.Command, ring *jeton.KeyRing, args []string) error {
	e, err := newExport(cmd, args)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(e.file); e.file != "" && err == nil { // before anybody is asked
		return fmt.Errorf("--out %s: there is such a file already", e.file)
	}
	var text []byte
	mode := fs.FileMode(0o644)
	if e.private == "" {
		text, err = e.public(ctx, ring)
	} else {
		mode = 0o600
		text, err = a.privateKey(ctx, cmd, ring, e)
	}
	if err != nil {
		return err
	}
	if e.file != "" {
		return writeNewFile(e.file, text, mode)
	}
	_, err = a.out.Write(text)
	return err
}

// public returns the keys that verify.
func (e export) public(ctx context.Context, ring *jeton.KeyRing) ([]byte, error) {
	set, err := ring.VerifyingKeys(ctx)
	if err != nil {
		return nil, err
	}
	if e.kid == "" && e.format == formatJWK {
		return indented(set.Public())
	}
	var all bytes.Buffer
	for key := range set.All() {
		if e.kid != "" && key.ID() != e.kid {
			continue
		}
		text, err := e.marshal(key)
		if err != nil {
			return nil, err
		}
		all.Write(text)
	}
	if all.Len() == 0 {
		return nil, fmt.Errorf("no key %q verifies", e.kid)
	}
	return all.Bytes(), nil
}

func (e export) marshal(key *jwk.Key) ([]byte, error) {
	if e.format == formatPEM {
		return key.MarshalPublicPEM()
	}
	return indented(key)
}

func indented(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(explain.PrintableJSON(text), '\n'), err
}

// privateKey returns a private key, if that is what is wanted.
func (a *app) privateKey(ctx context.Context, cmd *cobra.Command, ring *jeton.KeyRing, e export) ([]byte, error) {
	info, err := findKey(ctx, ring, e.private)
	if err != nil {
		return nil, err
	}
	if err := a.confirm(cmd, fmt.Sprintf("Export the private part of the %s key %s", info.State, info.ID)); err != nil {
		return nil, err
	}
	key, err := ring.Export(ctx, info.ID)
	if err != nil {
		return nil, err
	}
	if e.format == formatPEM {
		return key.MarshalPrivatePEM()
	}
	text, err := key.MarshalPrivateJWK()
	if err != nil {
		return nil, err
	}
	return indented(json.RawMessage(text))
}

// writeNewFile writes a file that must not be there yet, and leaves none that is not complete.
func writeNewFile(path string, text []byte, mode fs.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("--out %s: there is such a file already", path)
	}
	if err != nil {
		return fmt.Errorf("--out %s: %w", path, cause(err))
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(fmt.Errorf("--out %s: %w", path, cause(err)), os.Remove(path))
	}
	return nil
}

// cause leaves out the path, which the message has already.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
