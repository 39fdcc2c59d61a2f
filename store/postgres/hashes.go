package postgres

import (
	"context"
	"math"

	"github.com/jackc/pgx/v5"
)

// Each user has a random place, so that the first in that order are a sample in which no kind of user is more frequent than among all.
const selectSample = `SELECT password_hash, sample_place FROM jeton_users WHERE sample_place >= 0 ORDER BY sample_place LIMIT 5000`

// sampleSize is how many users a sample has.
const sampleSize = 5_000

// CountHashes returns how many password hashes there are for each text that form returns. From 5,000 users on it is an estimate from a
// random sample of that size, always of the same ones: what one in a hundred has is counted with a standard error of 14 percent, and
// what one in some thousands has may be missing. So it reads 5,000 rows at most, in some tens of milliseconds, and holds nobody up.
func (s *Store) CountHashes(ctx context.Context, form func(hash string) string) (map[string]int, error) {
	sample, err := collect(ctx, s, scanSampled, selectSample)
	if err != nil {
		return nil, translate(ctx, "count hashes", err)
	}
	counts := map[string]int{}
	for _, user := range sample {
		if user.hash != "" {
			counts[form(user.hash)]++
		}
	}
	if len(sample) == sampleSize {
		scale(counts, sample[sampleSize-1].place)
	}
	return counts, nil
}

// scale makes of the counts in a sample those among all, of whom the places up to last are this share.
func scale(counts map[string]int, last float64) {
	const least = 1e-6 // so that there is a result whatever is stored
	for form, n := range counts {
		counts[form] = int(math.Round(float64(n) / max(last, least)))
	}
}

// sampledUser is what matters of a user in a sample.
type sampledUser struct {
	hash  string
	place float64
}

func scanSampled(row pgx.CollectableRow) (u sampledUser, err error) {
	err = row.Scan(&u.hash, &u.place)
	return u, err
}
