package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/userfile"
	"github.com/jetonauth/jeton/password"
)

// importBatch is how many rows are checked at once.
const importBatch = 1000

// check reads the whole file, and finds out which rows cannot be imported.
func (i *userImport) check(ctx context.Context) error {
	batch := make([]userfile.Row, 0, importBatch)
	for row, err := range i.source.rows() {
		if err != nil {
			return err
		}
		if batch = append(batch, row); len(batch) == importBatch {
			if err := i.checkBatch(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return i.checkBatch(ctx, batch)
}

func (i *userImport) checkBatch(ctx context.Context, rows []userfile.Row) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	problems, err := i.problems(ctx, rows)
	if err != nil {
		return err
	}
	for j, row := range rows {
		if err := i.judge(row, append(row.Problems, problems[j]...)); err != nil {
			return err
		}
	}
	i.progress.say("checked %d rows", i.summary.Rows)
	return nil
}

// problems are what is wrong with the accounts of rows that could be read.
func (i *userImport) problems(ctx context.Context, rows []userfile.Row) ([][]jeton.FieldError, error) {
	problems := make([][]jeton.FieldError, len(rows))
	var readable []int
	var users []jeton.ImportedUser
	for j, row := range rows {
		if len(row.Problems) == 0 {
			readable, users = append(readable, j), append(users, row.User)
		}
	}
	if i.auth == nil {
		for k, j := range readable {
			problems[j] = users[k].Check(time.Now())
		}
		return problems, nil
	}
	found, err := i.auth.CheckImport(ctx, users)
	if err != nil {
		return nil, err
	}
	for k, j := range readable {
		problems[j] = found[k]
	}
	return problems, nil
}

// judge decides on one row: it is good, or skipped, or refused.
func (i *userImport) judge(row userfile.Row, problems []jeton.FieldError) error {
	n := i.summary.Rows
	i.summary.Rows++
	if n%64 == 0 {
		i.left = append(i.left, 0)
	}
	problems = append(problems, i.seen.add(row)...)
	if len(problems) == 0 {
		i.summary.Good++
		i.summary.count(row.User.PasswordHash)
		return nil
	}
	i.left[n/64] |= 1 << (n % 64)
	if i.skip && hasAccount(problems) {
		i.summary.Skipped++
		return nil
	}
	i.summary.Refused++
	if row.Broken {
		i.summary.Broken++
	}
	for _, p := range problems {
		if err := i.refuse(row, p); err != nil {
			return err
		}
	}
	return nil
}

// hasAccount reports whether nothing is wrong with a row but that there is an account with its address, perhaps also with its id.
func hasAccount(problems []jeton.FieldError) bool {
	has := func(code string) bool {
		return slices.ContainsFunc(problems, func(p jeton.FieldError) bool { return p.Code == code })
	}
	others := slices.ContainsFunc(problems, func(p jeton.FieldError) bool { return p.Code != "email_taken" && p.Code != "id_taken" })
	return has("email_taken") && !others
}

// seenUsers remembers the addresses and ids of a file, in 20 bytes each and what a map takes beside: a million in about 50 MB.
type seenUsers map[[16]byte]uint32 // the line

func newSeenUsers() seenUsers { return seenUsers{} }

// add remembers a row. The problems are that another one had its address or its id.
func (s seenUsers) add(row userfile.Row) (problems []jeton.FieldError) {
	if key, ok := jeton.EmailKey(row.User.Email); ok {
		problems = append(problems, s.once("email", key, row.Line)...)
	}
	if row.User.ID != "" {
		problems = append(problems, s.once("id", row.User.ID, row.Line)...)
	}
	return problems
}

func (s seenUsers) once(field, value string, line int) []jeton.FieldError {
	sum := sha256.Sum256([]byte(field + "\x00" + value))
	key := [16]byte(sum[:16])
	if other, seen := s[key]; seen {
		return []jeton.FieldError{{Pointer: "/" + field, Code: "duplicate", Message: fmt.Sprintf("is that of line %d, too", other)}}
	}
	s[key] = uint32(line)
	return nil
}

// count counts a hash by its scheme.
func (s *importSummary) count(hash string) {
	scheme := noHash
	if hash != "" {
		if converted, err := password.Convert(hash); err == nil {
			scheme = password.Scheme(converted)
		}
	}
	s.Hashes[scheme]++
}
