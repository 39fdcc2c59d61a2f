package jeton

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton/jwk"
)

// Keys returns all keys that there have been, the oldest first. It does not need the master key.
func (r *KeyRing) Keys(ctx context.Context) ([]KeyInfo, error) {
	stored, err := r.stored(ctx)
	if err != nil {
		return nil, err
	}
	infos := lives(stored, r.cfg.TokenTTL)
	setStates(infos, r.cfg.Now())
	return infos, nil
}

// Rotate adds a key, which signs once it has been published for [KeyRingConfig.PublishAhead]; the one that signs now retires then.
// It is for one node, or one command, and takes effect on all. [ErrConflict] if a key is to become active already, and the
// error says when, or if somebody else adds one at the same moment.
func (r *KeyRing) Rotate(ctx context.Context) (KeyInfo, error) {
	return r.rotate(ctx, r.cfg.PublishAhead)
}

// RotateNow adds a key that signs from now on, for an emergency, also if another one is to become active later: that one then never
// is. Whoever keeps a copy of the key set refuses the new key's tokens until the copy is renewed. [ErrConflict] if somebody else
// adds a key at the same moment.
func (r *KeyRing) RotateNow(ctx context.Context) (KeyInfo, error) { return r.rotate(ctx, 0) }

func (r *KeyRing) rotate(ctx context.Context, ahead time.Duration) (KeyInfo, error) {
	stored, err := r.opened(ctx)
	if err != nil {
		return KeyInfo{}, err
	}
	now, infos := r.moment(), lives(stored, r.cfg.TokenTTL)
	current := signing(infos, now)
	for i, info := range infos {
		if ahead > 0 && i != current && info.at(now) == KeyPublished {
			return KeyInfo{}, fmt.Errorf("%w: key %q is published already, and becomes active at %s",
				ErrConflict, info.ID, info.ActivateAt.Format(time.RFC3339))
		}
	}
	reason := ""
	if current >= 0 {
		reason = ", after key " + infos[current].ID
	} else {
		ahead = 0 // nobody else signs meanwhile
	}
	added, err := r.add(ctx, stored, now, now.Add(ahead))
	if err != nil {
		return KeyInfo{}, err
	}
	r.audit(ctx, Event{
		Type: EventKeyRotated, At: now, Reason: "key " + added.ID + ", active at " + added.ActivateAt.Format(time.RFC3339) + reason,
	})
	r.syncAfterWrite(ctx)
	return added, nil
}

// Revoke takes away a key that has leaked: every node that reaches the store refuses, within a second, whatever it has signed, and
// this one at once. If no other key can sign, one is added first, which signs from now on. [ErrNotFound]; a key that is
// revoked already stays so, and that is no error.
func (r *KeyRing) Revoke(ctx context.Context, kid string) error {
	stored, err := r.stored(ctx)
	if err != nil {
		return err
	}
	key, err := find(stored, kid)
	if err != nil {
		return err
	}
	if key.RevokedAt.IsZero() {
		if err := r.revoke(ctx, key); err != nil {
			return err
		}
	}
	r.syncAfterWrite(ctx)
	return r.ensureSigner(ctx, "") // somebody else may have revoked the other key meanwhile
}

func (r *KeyRing) revoke(ctx context.Context, key *StoredKey) error {
	if err := r.ensureSigner(ctx, key.ID); err != nil {
		return err
	}
	now := r.moment()
	err := r.cfg.Store.SetKeyTimes(ctx, key.ID, KeyTimes{
		ActivateAt: key.ActivateAt, RetireAt: key.RetireAt, RemoveAt: key.RemoveAt, RevokedAt: now,
	})
	if err != nil {
		return err
	}
	r.audit(ctx, Event{Type: EventKeyRevoked, At: now, Reason: "key " + key.ID})
	return nil
}

// Export returns a key with its private part, for backups and for moving, and tells the audit log. It may be in any state;
// [ErrNotFound].
func (r *KeyRing) Export(ctx context.Context, kid string) (*jwk.Key, error) {
	stored, err := r.stored(ctx)
	if err != nil {
		return nil, err
	}
	s, err := find(stored, kid)
	if err != nil {
		return nil, err
	}
	key, err := r.unseal(s)
	if err != nil {
		return nil, err
	}
	r.audit(ctx, Event{Type: EventKeyExported, At: r.moment(), Reason: "key " + kid})
	return key, nil
}

func find(stored []*StoredKey, kid string) (*StoredKey, error) {
	for _, s := range stored {
		if s.ID == kid {
			return s, nil
		}
	}
	return nil, fmt.Errorf("key %.100q: %w", kid, ErrNotFound)
}

// opened returns the stored keys if the master key opens those that are of use: a key that another one has sealed would be one that
// no node can open.
func (r *KeyRing) opened(ctx context.Context) ([]*StoredKey, error) {
	stored, err := r.stored(ctx)
	if err != nil {
		return nil, err
	}
	_, err = r.open(stored)
	return stored, err
}

// ensureSigner adds a key that signs from now on if none can without the one that is about to be revoked. Of several nodes that
// do so at once one adds a key, and the others see that.
func (r *KeyRing) ensureSigner(ctx context.Context, leaving string) error {
	const tries = 5 // the next one sees what has been added meanwhile
	for try := 1; ; try++ {
		stored, err := r.stored(ctx)
		if err != nil {
			return err
		}
		now := r.moment()
		if signing(lives(without(stored, leaving, now), r.cfg.TokenTTL), now) >= 0 {
			return nil
		}
		if _, err := r.open(stored); err != nil { // no node could open what this one would add
			return err
		}
		added, err := r.add(ctx, stored, now, now)
		if errors.Is(err, ErrConflict) && try < tries {
			continue
		}
		if err != nil {
			return err
		}
		r.audit(ctx, Event{Type: EventKeyAdded, At: now, Reason: "key " + added.ID})
		r.syncAfterWrite(ctx)
		return nil
	}
}

// without returns the keys as they are once one of them is revoked.
func without(stored []*StoredKey, leaving string, now time.Time) []*StoredKey {
	stored = slices.Clone(stored)
	for i, s := range stored {
		if s.ID == leaving {
			revoked := *s
			revoked.RevokedAt = now
			stored[i] = &revoked
		}
	}
	return stored
}

// generate makes a key whose id does not begin with a hyphen, which a command line would take for a flag.
func (r *KeyRing) generate() (*jwk.Key, error) {
	for {
		key, err := jwk.Generate(r.cfg.Algorithm)
		if err != nil || !strings.HasPrefix(key.ID(), "-") {
			return key, err
		}
	}
}

// add adds a key. Of those who see the same keys, and so choose the same number, only one succeeds; the others get [ErrConflict].
func (r *KeyRing) add(ctx context.Context, stored []*StoredKey, now, activate time.Time) (KeyInfo, error) {
	key, err := r.generate()
	if err != nil {
		return KeyInfo{}, err
	}
	public, err := key.MarshalJSON()
	if err != nil {
		return KeyInfo{}, err
	}
	private, err := key.MarshalPrivateJWK()
	if err != nil {
		return KeyInfo{}, err
	}
	number := uint32(1)
	for _, s := range stored {
		number = max(number, s.Number+1)
	}
	s := &StoredKey{
		Number: number, ID: key.ID(), Algorithm: string(key.Algorithm()), Public: public, Sealed: r.seal.seal(private, key.ID()),
		CreatedAt: now, ActivateAt: activate,
	}
	if err := r.cfg.Store.AddKey(ctx, s); err != nil {
		return KeyInfo{}, replace(err, ErrConflict, fmt.Errorf("%w: somebody else has just added a key", ErrConflict))
	}
	infos := lives(append(slices.Clone(stored), s), r.cfg.TokenTTL)
	setStates(infos, now)
	return infos[len(infos)-1], nil
}

// syncAfterWrite makes what was written known to this node at once. That it fails is no failure of the write.
func (r *KeyRing) syncAfterWrite(ctx context.Context) {
	if err := r.sync(ctx); err != nil {
		r.cfg.Logger.WarnContext(ctx, "could not read the signing keys after they were changed", slog.Any("error", err))
	}
}

func (r *KeyRing) moment() time.Time { return r.cfg.Now().UTC().Truncate(time.Millisecond) }

func (r *KeyRing) audit(ctx context.Context, event Event) {
	if r.cfg.Audit != nil {
		r.cfg.Audit(ctx, event)
		return
	}
	r.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "audit", slog.Any("event", event))
}
