package sessions

import (
	"context"
	"errors"
	"fmt"

	"github.com/jetonauth/jeton/bench/internal/report"
	"github.com/jetonauth/jeton/bench/internal/scale"
)

const readsText = `
Each node that checks tokens asks for new revocations, and for the keys, 2.5 times a second at most. Nearly always nothing is new: this is what that costs.
`

func writeReads(ctx context.Context, r *run) error {
	r.printf(readsText)
	var rows [][]string
	for _, o := range r.servers.openers() {
		d, err := o.open(ctx, false)
		if err != nil {
			return err
		}
		added, err := r.readsAt(ctx, d)
		if err := errors.Join(err, d.close()); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
		rows = append(rows, added...)
	}
	r.printf("\n%s", report.Table([]string{"time", "node", "database"}, rows))
	return nil
}

func (r *run) readsAt(ctx context.Context, d *database) (rows [][]string, err error) {
	n := min(r.Sessions, r.Revocations)
	if err := addRevocations(ctx, d, n); err != nil {
		return nil, err
	}
	if err := settle(ctx, d); err != nil {
		return nil, err
	}
	outcomes, err := r.race(ctx, "reads, "+d.name, 1, []*work{
		{name: "revocations", clients: 1, at: d, do: func(ctx context.Context, _ int) error {
			_, err := d.store.Revocations(ctx, uint64(n), batch)
			return err
		}},
		{name: "keys", clients: 1, at: d, do: func(ctx context.Context, _ int) error {
			_, err := d.store.Keys(ctx)
			return err
		}},
	})
	if err != nil {
		return nil, err
	}
	for _, o := range outcomes {
		rows = append(rows, []string{
			d.name + ", " + o.Name, report.Duration(o.Time().Median), processors(o.node()), processors(o.server()),
		})
		if d.name == postgresName {
			r.figures.ReadDatabase = max(r.figures.ReadDatabase, scale.Nanoseconds(o.server()))
		}
	}
	return rows, nil
}
