package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
)

func newKeysCommand(a *app) *cobra.Command {
	group := newGroup(a, &cobra.Command{
		Use:   "keys",
		Short: "Manage the keys that sign tokens",
		Long: `A new key is published for a while before it signs, so that everybody who checks tokens
knows it by then. The one before goes on verifying until what it has signed has expired.`,
		Example: `  jeton keys list
  jeton keys rotate
  jeton keys export --out jwks.json`,
	},
		newKeysListCommand(a), newKeysRotateCommand(a), newKeysRevokeCommand(a), newKeysExportCommand(a))
	addServiceSettings(group)
	return group
}

// withKeys opens the service for what is done with its keys.
func (a *app) withKeys(cmd *cobra.Command, do func(context.Context, *jeton.KeyRing) error) (err error) {
	service, err := a.service(cmd, existing)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	return do(cmd.Context(), service.KeyRing())
}

func newKeysListCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys, the oldest first",
		Long: `A key is published, and verifies; then active, and signs; then retired, and verifies what it
has signed; then removed. A revoked one is refused, with all that it has signed.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withKeys(cmd, func(ctx context.Context, ring *jeton.KeyRing) error { return a.listKeys(ctx, cmd, ring) })
		},
	}
	addJSON(cmd)
	return cmd
}

func (a *app) listKeys(ctx context.Context, cmd *cobra.Command, ring *jeton.KeyRing) error {
	keys, err := ring.Keys(ctx)
	if err != nil {
		return err
	}
	t := table{header: []string{"KEY", "ALGORITHM", "STATE", "SIGNS FROM", "SIGNS UNTIL", "VERIFIES UNTIL"}}
	for _, k := range keys {
		begins, ends, verifies := k.ActivateAt, k.RetireAt, k.RemoveAt
		if k.State == jeton.KeyRevoked {
			ends, verifies = k.RevokedAt, k.RevokedAt
		}
		if !ends.IsZero() && ends.Before(begins) { // it was overtaken, or revoked, before its time
			begins, ends = time.Time{}, time.Time{}
		}
		t.rows = append(t.rows, []string{
			k.ID, string(k.Algorithm), string(k.State), orDash(stamp(begins)), orDash(stamp(ends)), orDash(stamp(verifies)),
		})
	}
	return a.show(cmd, keys, t)
}

// orDash keeps a column in its place.
func orDash(cell string) string { return cmp.Or(cell, "-") }

func newKeysRotateCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Add a key, which signs when everybody knows it",
		Long: `With --now the new key signs at once: for an emergency, since who keeps a copy of the keys
refuses its tokens until that copy is renewed, which takes up to ` + inWords(jeton.KeySetMaxAge) + `.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withKeys(cmd, func(ctx context.Context, ring *jeton.KeyRing) error { return a.rotateKeys(ctx, cmd, ring) })
		},
	}
	cmd.Flags().Bool("now", false, "let the new key sign at once")
	addJSON(cmd)
	return cmd
}

func (a *app) rotateKeys(ctx context.Context, cmd *cobra.Command, ring *jeton.KeyRing) error {
	now, err := cmd.Flags().GetBool("now")
	if err != nil {
		return err
	}
	before, err := signingKey(ctx, ring)
	if err != nil {
		return err
	}
	rotate := ring.Rotate
	if now {
		rotate = ring.RotateNow
	}
	added, err := rotate(ctx)
	if errors.Is(err, jeton.ErrConflict) {
		return fmt.Errorf("no key was added: %w", err)
	}
	if err != nil {
		return err
	}
	if added.State == jeton.KeyActive {
		return a.say(cmd, added, "added the key %s, which signs from now on", added.ID)
	}
	return a.say(cmd, added, "added the key %s, which signs from %s on, in %s; until then %s does",
		added.ID, stamp(added.ActivateAt), inWords(time.Until(added.ActivateAt)), before)
}

// inWords is a duration in minutes, rounded up.
func inWords(d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	if minutes == 1 {
		return "a minute"
	}
	return fmt.Sprintf("%d minutes", minutes)
}

// signingKey returns the id of the key that signs.
func signingKey(ctx context.Context, ring *jeton.KeyRing) (string, error) {
	keys, err := ring.Keys(ctx)
	if err != nil {
		return "", err
	}
	for _, k := range slices.Backward(keys) {
		if k.State == jeton.KeyActive {
			return k.ID, nil
		}
	}
	return "", nil
}

func newKeysRevokeCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "revoke KEY",
		Short: "Revoke a key that has leaked",
		Long: `All tokens that the key has signed are refused from then on, by running servers within a
second: whoever is signed in gets a new token with their refresh token. If no other key
can sign, one is added. Who checks tokens with a copy of the keys goes on accepting them
until that copy is renewed.`,
		Args: arguments("KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withKeys(cmd, func(ctx context.Context, ring *jeton.KeyRing) error { return a.revokeKey(ctx, cmd, ring, args[0]) })
		},
	}
	addYes(cmd)
	addJSON(cmd)
	return cmd
}

func (a *app) revokeKey(ctx context.Context, cmd *cobra.Command, ring *jeton.KeyRing, kid string) error {
	key, err := findKey(ctx, ring, kid)
	if err != nil {
		return err
	}
	if key.State == jeton.KeyRevoked {
		return a.say(cmd, key, "the key %s was revoked at %s", key.ID, stamp(key.RevokedAt))
	}
	if err := a.confirm(cmd, fmt.Sprintf("Refuse all that the %s key %s has signed", key.State, key.ID)); err != nil {
		return err
	}
	if err := ring.Revoke(ctx, key.ID); err != nil {
		return err
	}
	if key, err = findKey(ctx, ring, kid); err != nil {
		return err
	}
	signs, err := signingKey(ctx, ring)
	if err != nil {
		return err
	}
	return a.say(cmd, key, "revoked the key %s; %s signs", key.ID, signs)
}

// findKey returns the key with an id, of all that there have been.
func findKey(ctx context.Context, ring *jeton.KeyRing, kid string) (jeton.KeyInfo, error) {
	keys, err := ring.Keys(ctx)
	if err != nil {
		return jeton.KeyInfo{}, err
	}
	for _, k := range keys {
		if k.ID == kid {
			return k, nil
		}
	}
	return jeton.KeyInfo{}, fmt.Errorf("there is no key %q", kid)
}
