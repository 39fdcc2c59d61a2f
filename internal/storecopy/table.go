package storecopy

import (
	"bytes"
	"context"
	"errors"
)

// table copies the rows of one table, which are of type R.
type table[R any] struct {
	*copying

	name   string
	id     func(row R) string
	order  func(a, b R) int // by what a store lists them
	encode func(e *encoding, row R)
	// list returns at most pageSize rows of a store in their order, the first ones after the given one, which is nil at the beginning.
	list func(ctx context.Context, s Store, after *R) ([]R, error)
	// add adds at most pageSize rows to the target. If it fails, some of them may be there.
	add func(ctx context.Context, rows []R) error
	// start is called before a table is read, and returns what comes into the digests before the rows. Nil: nothing does.
	start func(ctx context.Context) (from, to []byte, err error)

	before, after scan[R]
	copied        int
}

// survey ends with the first row of the target that is not one of the source.
func (t *table[R]) survey(ctx context.Context) (err error) {
	t.before, err = t.scan(ctx, Reading, func(d Difference) error {
		if d.Kind == Missing {
			return nil
		}
		return &TargetError{d}
	})
	return err
}

// verify reads everything again.
func (t *table[R]) verify(ctx context.Context) (err error) {
	t.after, err = t.scan(ctx, Comparing, func(Difference) error { return nil })
	return err
}

func (t *table[R]) result() Table {
	return Table{
		Name: t.name, Copied: t.copied, From: t.after.from, To: t.after.to, Difference: t.after.first,
		SourceChanged: t.before.from != t.after.from,
	}
}

// wrong says what an error is about.
func (t *table[R]) wrong(step Step, err error) error {
	if _, ok := errors.AsType[*TargetError](err); ok || err == nil {
		return err
	}
	return &TableError{Step: step, Table: t.name, Err: err}
}

// scan is what was found when a table of both sides was read.
type scan[R any] struct {
	from, to Side
	first    *Difference
	missing  int // rows of the source
	behind   *R  // the one before the first of these, nil if there is none
}

// scan reads a table of both sides. judge is told of each difference, and its error ends it.
func (t *table[R]) scan(ctx context.Context, step Step, judge func(Difference) error) (scan[R], error) {
	s := &scanning[R]{table: t, step: step, judge: judge, from: newDigest(t.name), to: newDigest(t.name)}
	if t.start != nil {
		from, to, err := t.start(ctx)
		if err != nil {
			return s.found, t.wrong(step, err)
		}
		s.from.write(from)
		s.to.write(to)
	}
	if err := merge(ctx, t.rows(t.from, nil), t.rows(t.to, nil), t.order, s.visit); err != nil {
		return s.found, t.wrong(step, err)
	}
	t.tell(step, s.from.rows, s.from.rows, true)
	s.found.from, s.found.to = s.from.side(), s.to.side()
	return s.found, nil
}

// scanning is a scan under way.
type scanning[R any] struct {
	*table[R]

	step     Step
	judge    func(Difference) error
	found    scan[R]
	from, to *digest
	a, b     encoding // of the rows that were visited last
	last     *R       // of the source
}

func (s *scanning[R]) visit(f, t *R) error {
	d := Difference{Table: s.name}
	if t != nil {
		s.b = s.encoded(s.b, *t)
		s.to.row(s.b)
		d.ID, d.Kind = s.id(*t), Strange
	}
	if f != nil {
		s.a = s.encoded(s.a, *f)
		s.from.row(s.a)
		d.ID, d.Kind = s.id(*f), Missing
	}
	if f != nil && t != nil {
		if d.Kind = Different; bytes.Equal(s.a, s.b) {
			d.Kind = ""
		}
	}
	return s.note(d, f)
}

// note takes down what was found at a row.
func (s *scanning[R]) note(d Difference, f *R) error {
	if d.Kind == Missing {
		if s.found.missing++; s.found.missing == 1 {
			s.found.behind = s.last
		}
	}
	if f != nil {
		s.last = f
		if s.from.rows%pageSize == 0 {
			s.tell(s.step, s.from.rows, s.before.from.Rows, false)
		}
	}
	if d.Kind == "" {
		return nil
	}
	if s.found.first == nil {
		s.found.first = &d
	}
	return s.judge(d)
}

// fill adds what the target does not have.
func (t *table[R]) fill(ctx context.Context) error {
	if t.before.missing == 0 {
		return nil
	}
	total := t.before.from.Rows
	done := total - t.before.missing
	batch := make([]R, 0, pageSize)
	flush := func() error {
		if err := t.add(ctx, batch); err != nil {
			return err
		}
		t.copied += len(batch)
		batch = batch[:0]
		t.tell(Copying, done+t.copied, total, false)
		return nil
	}
	// What is added comes before all that is still to be read of the target.
	err := merge(ctx, t.rows(t.from, t.before.behind), t.rows(t.to, t.before.behind), t.order, func(f, g *R) error {
		if f == nil || g != nil {
			return nil // there already; what is wrong with it is said in the end
		}
		if batch = append(batch, *f); len(batch) < pageSize {
			return nil
		}
		return flush()
	})
	if err == nil && len(batch) > 0 {
		err = flush()
	}
	if err == nil {
		t.tell(Copying, done+t.copied, total, true)
	}
	return t.wrong(Copying, err)
}

func (t *table[R]) tell(step Step, rows, total int, ended bool) {
	t.progress(Progress{Step: step, Table: t.name, Rows: rows, Total: total, Ended: ended})
}

// rows are those of a store after the given one.
func (t *table[R]) rows(s Store, after *R) *rows[R] {
	return &rows[R]{last: after, list: func(ctx context.Context, after *R) ([]R, error) { return t.list(ctx, s, after) }}
}

// encoded is the encoding of a row, in the memory of another one.
func (t *table[R]) encoded(e encoding, row R) encoding {
	e = e[:0]
	t.encode(&e, row)
	return e
}
