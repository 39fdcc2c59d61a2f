package storecopy

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// encoding is a row as it is compared and digested: its fields one after the other, in a form that is the same whichever store the row
// comes from. Texts and lists have their length before them, so that no two rows have the same.
type encoding []byte

func (e *encoding) number(n uint64) { *e = binary.AppendUvarint(*e, n) }

func (e *encoding) bytes(b []byte) {
	e.number(uint64(len(b)))
	*e = append(*e, b...)
}

func (e *encoding) text(s string) {
	e.number(uint64(len(s)))
	*e = append(*e, s...)
}

// texts does not tell a list of nothing from none: stores do not, either.
func (e *encoding) texts(list []string) {
	e.number(uint64(len(list)))
	for _, s := range list {
		e.text(s)
	}
}

func (e *encoding) flag(b bool) {
	if b {
		e.number(1)
	} else {
		e.number(0)
	}
}

// moment has the milliseconds only: some stores keep no more.
func (e *encoding) moment(t time.Time) {
	e.flag(!t.IsZero())
	if !t.IsZero() {
		*e = binary.AppendVarint(*e, t.UnixMilli())
	}
}

func (e *encoding) moments(list []time.Time) {
	e.number(uint64(len(list)))
	for _, t := range list {
		e.moment(t)
	}
}

func (e *encoding) address(a netip.Addr) {
	if a.IsValid() {
		e.text(a.String())
	} else {
		e.text("")
	}
}

func (e *encoding) client(c jeton.Client) {
	e.address(c.Address)
	e.text(c.UserAgent)
}

func (e *encoding) user(u *jeton.User) {
	e.text(u.ID)
	e.text(u.Email)
	e.text(u.EmailKey)
	e.text(u.Name)
	e.text(u.PasswordHash)
	e.moment(u.PasswordChangedAt)
	e.texts(u.Roles)
	e.flag(u.Disabled)
	e.moment(u.CreatedAt)
	e.moment(u.UpdatedAt)
}

func (e *encoding) session(s *jeton.Session) {
	e.text(s.ID)
	e.text(s.UserID)
	e.text(string(s.Kind))
	e.text(s.Profile)
	e.text(s.Strategy)
	e.texts(s.Methods)
	e.texts(s.Scopes)
	e.moment(s.AuthTime)
	e.moment(s.CreatedAt)
	e.moment(s.UsedAt)
	e.moment(s.IdleUntil)
	e.moment(s.ExpiresAt)
	e.moment(s.EndedAt)
	e.text(s.EndReason)
	e.moment(s.AccessUntil)
	e.client(s.Client)
	e.client(s.CreatedBy)
	e.number(uint64(s.SecretID))
	e.number(uint64(s.Generation))
	e.bytes(s.TagHash[:])
	e.moments(s.Advances)
}

func (e *encoding) revocation(r revoke.Entry) {
	e.number(r.Number)
	e.bytes(r.ID[:])
	e.moment(r.ExpiresAt)
}

func (e *encoding) serviceClient(c *jeton.ServiceClient) {
	e.text(c.Name)
	e.texts(c.Scopes)
	e.bytes(c.SecretHash)
	e.moment(c.CreatedAt)
}

func (e *encoding) key(k *jeton.StoredKey) {
	e.number(uint64(k.Number))
	e.text(k.ID)
	e.text(k.Algorithm)
	e.bytes(k.Public)
	e.bytes(k.Sealed)
	e.moment(k.CreatedAt)
	e.moment(k.ActivateAt)
	e.moment(k.RetireAt)
	e.moment(k.RemoveAt)
	e.moment(k.RevokedAt)
}
