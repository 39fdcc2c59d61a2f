package storecopy

import (
	"cmp"
	"context"
	"encoding/binary"
	"strconv"

	"github.com/jetonauth/jeton/revoke"
)

// revocationTable is a table whose numbers must not be given again.
type revocationTable struct{ *table[revoke.Entry] }

func (c *copying) revocations() tableCopy {
	return revocationTable{&table[revoke.Entry]{
		copying: c, name: Revocations, start: c.readLast, encode: (*encoding).revocation,
		id:    func(r revoke.Entry) string { return "number " + strconv.FormatUint(r.Number, 10) },
		order: func(a, b revoke.Entry) int { return cmp.Compare(a.Number, b.Number) },
		list: func(ctx context.Context, s Store, after *revoke.Entry) ([]revoke.Entry, error) {
			number := uint64(0)
			if after != nil {
				number = after.Number
			}
			return s.Revocations(ctx, number, pageSize)
		},
		add: func(ctx context.Context, rows []revoke.Entry) error {
			return c.to.AddRevocations(ctx, rows, c.lastFrom)
		},
	}}
}

// readLast reads the highest numbers that were given.
func (c *copying) readLast(ctx context.Context) (from, to []byte, err error) {
	if c.lastFrom, err = c.from.LastRevocation(ctx); err == nil {
		c.lastTo, err = c.to.LastRevocation(ctx)
	}
	return binary.AppendUvarint(nil, c.lastFrom), binary.AppendUvarint(nil, c.lastTo), err
}

// lastDiffers is a difference that no row has.
func lastDiffers() *Difference {
	return &Difference{Table: Revocations, ID: "the highest number that was given", Kind: Different}
}

// survey refuses a target that has given numbers to others, too.
func (t revocationTable) survey(ctx context.Context) error {
	err := t.table.survey(ctx)
	if err == nil && t.lastTo > t.lastFrom {
		return &TargetError{*lastDiffers()}
	}
	return err
}

// fill first makes sure that the target gives none of the numbers again.
func (t revocationTable) fill(ctx context.Context) error {
	if t.lastTo < t.lastFrom {
		if err := t.to.AddRevocations(ctx, nil, t.lastFrom); err != nil {
			return t.wrong(Copying, err)
		}
	}
	return t.table.fill(ctx)
}

func (t revocationTable) result() Table {
	r := t.table.result()
	if r.Difference == nil && !r.Equal() {
		r.Difference = lastDiffers()
	}
	return r
}
