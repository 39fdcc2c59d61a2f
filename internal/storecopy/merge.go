package storecopy

import "context"

// pageSize is how many rows are read or written at once; stores take no more.
const pageSize = 1000

// rows reads the rows of a table in their order, page by page.
type rows[R any] struct {
	// list returns the first rows after the given one, at most pageSize; after nil those from the beginning.
	list func(ctx context.Context, after *R) ([]R, error)

	page []R // what is left of it
	last *R  // the last one of it
	over bool
}

// head is the next row, nil after the last one. It stays until next is called.
func (r *rows[R]) head(ctx context.Context) (*R, error) {
	if len(r.page) == 0 && !r.over {
		page, err := r.list(ctx, r.last)
		if err != nil {
			return nil, err
		}
		r.page, r.over = page, len(page) < pageSize
		if len(page) > 0 {
			r.last = &page[len(page)-1]
		}
	}
	if len(r.page) == 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	return &r.page[0], nil
}

func (r *rows[R]) next() { r.page = r.page[1:] }

// merge calls visit with the rows of both sides in their order: with two that have the same place, or one and nil.
func merge[R any](ctx context.Context, from, to *rows[R], order func(a, b R) int, visit func(from, to *R) error) error {
	for {
		f, err := from.head(ctx)
		if err != nil {
			return err
		}
		t, err := to.head(ctx)
		if err != nil {
			return err
		}
		if f == nil && t == nil {
			return nil
		}
		if f != nil && t != nil {
			switch o := order(*f, *t); {
			case o < 0:
				t = nil
			case o > 0:
				f = nil
			}
		}
		if err := visit(f, t); err != nil {
			return err
		}
		if f != nil {
			from.next()
		}
		if t != nil {
			to.next()
		}
	}
}
