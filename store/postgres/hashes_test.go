package postgres_test

import (
	"math"
	"strings"
	"testing"
)

// Many users are counted by a sample, in which those of an import are as frequent as among all, whatever their ids are and whenever
// they came.
func TestCountHashesOfMany(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	insert := func(first, last int, id, form string) {
		t.Helper()
		execute(t, s.Pool(), `INSERT INTO jeton_users (id, id_bytes, email, name, password_hash, roles, disabled)
			SELECT $3::text || i, convert_to($3::text || i, 'UTF8'), '', '', $4, '{}', false FROM generate_series($1::bigint, $2::bigint) AS i`,
			first, last, id, form)
	}
	wantCounts := func(want map[string]int, tolerance float64) {
		t.Helper()
		calls := 0
		got, err := s.CountHashes(t.Context(), func(hash string) string { calls++; return strings.ToUpper(hash) })
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) || calls > 5000 {
			t.Errorf("counts are %v, want %v; %d calls", got, want, calls)
		}
		for form, n := range want {
			if math.Abs(float64(got[form]-n)) > tolerance*float64(n) {
				t.Errorf("%s: %d, want %d", form, got[form], n)
			}
		}
	}
	insert(1, 3000, "imported-", "bcrypt")
	insert(1, 1500, "Z", "argon2id")
	insert(1501, 1999, "Z", "")
	wantCounts(map[string]int{"BCRYPT": 3000, "ARGON2ID": 1500}, 0)
	insert(3001, 40_000, "imported-", "bcrypt")
	insert(2000, 62_499, "Z", "argon2id")
	// The standard error is 2 percent.
	wantCounts(map[string]int{"BCRYPT": 40_000, "ARGON2ID": 62_000}, 0.15)
}
