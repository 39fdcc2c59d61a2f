package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

const revocationsPath = "/auth/revocations"

// The bounds of one question.
const (
	defaultRevocations = 1000
	maxRevocations     = 20_000
	maxWait            = 25 * time.Second
)

// addRevocations adds the operation by which services follow what is revoked.
func (a *API) addRevocations() {
	add(a, operation{
		method: http.MethodGet, path: revocationsPath, id: "listRevocations", tag: tagServices, service: true,
		summary: "Follow what is revoked",
		description: "The sessions and tokens that were ended before their time, for services that verify tokens by themselves. Each entry is the " +
			"SHA-256 of a `sid` or a `jti`; a token is refused if one of its two is there. Entries are numbered: who has read up to a number has " +
			"missed nothing below it. The answer is never older than the question.\n\n" +
			"A database that was restored from a backup, or another one in its place, gives numbers again. So ask for what is after the last number that " +
			"you have less one: if the first entry is not that last one, read from 0 again, and keep what you have.\n\n" +
			"With `wait` the answer comes as soon as there is an entry, or empty when the time is over. The caller is a service client with the scope " +
			"`revocations`.",
		status: http.StatusOK, answer: "The entries, lowest number first",
		codes: []string{codeInvalidRequest, codeInvalidCredentials, codeInsufficientScope, codeTooManyWaits},
	}, nil, a.revocations)
	describeBasic(a.document)
	op := &a.endpoints[len(a.endpoints)-1].op
	op.Security = []map[string][]string{{basicScheme: {}}}
	op.Parameters = revocationParameters()
}

// revocation is an entry of the feed. It names no account.
type revocation struct {
	_ struct{} `additionalProperties:"true"`

	Number    uint64     `json:"number" doc:"Orders the entries, from 1 on" example:"17"`
	ID        string     `json:"id" doc:"The SHA-256 of a sid or a jti, in base64url without padding" example:"uU0nuZNNPgilLlLX2n2r-sSE7-N6U4DukIj3rOLvzek"`
	ExpiresAt *time.Time `json:"expires_at" doc:"When every token concerned is dead anyway, and the entry can be forgotten, in UTC; null if never"`
}

// revocationPage is a part of the feed.
type revocationPage struct {
	_ struct{} `additionalProperties:"true"`

	Entries []revocation `json:"entries" nullable:"false" doc:"The entries, lowest number first"`
	More    bool         `json:"more" doc:"Whether there are more, which begin after the last of these" example:"false"`
}

// newRevocationPage has at most limit of the entries, of which there is one more than that if there are more.
func newRevocationPage(entries []revoke.Entry, limit int) revocationPage {
	page := revocationPage{Entries: make([]revocation, 0, len(entries)), More: len(entries) > limit}
	for _, e := range entries[:min(limit, len(entries))] {
		view := revocation{Number: e.Number, ID: base64.RawURLEncoding.EncodeToString(e.ID[:])}
		if !e.ExpiresAt.IsZero() {
			expires := e.ExpiresAt.UTC()
			view.ExpiresAt = &expires
		}
		page.Entries = append(page.Entries, view)
	}
	return page
}

func (a *API) revocations(ctx context.Context, c *call[none]) (revocationPage, error) {
	client, err := a.serviceClient(c.request, jeton.ScopeRevocations)
	if err != nil {
		return revocationPage{}, err
	}
	asked, err := parseRevocationQuery(c.request.URL.RawQuery)
	if err != nil {
		return revocationPage{}, err
	}
	var entries []revoke.Entry
	if asked.wait > 0 {
		entries, err = a.waiters.await(ctx, client.Name, asked)
	} else {
		entries, err = a.auth.Revocations(ctx, asked.after, asked.limit+1)
	}
	if err != nil {
		return revocationPage{}, err
	}
	return newRevocationPage(entries, asked.limit), nil
}

// serviceClient is who asks, if it may do what the scope says.
func (a *API) serviceClient(r *http.Request, scope string) (*jeton.ServiceClient, error) {
	name, password, err := basicCredentials(r.Header)
	if err != nil {
		return nil, err
	}
	client, err := a.auth.CheckServiceClient(r.Context(), name, string(password), a.Client(r))
	if err != nil {
		return nil, err
	}
	if !client.HasScope(scope) {
		return nil, newProblem(codeInsufficientScope)
	}
	return client, nil
}

// revocationQuery is what is asked of the feed.
type revocationQuery struct {
	after uint64
	limit int
	wait  time.Duration
}

// The parameters of a revocationQuery.
const (
	afterParameter = "after"
	limitParameter = "limit"
	waitParameter  = "wait"
)

func revocationParameters() []*huma.Param {
	integer := func(lowest, standard int) *huma.Schema {
		low := float64(lowest)
		return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &low, Default: standard}
	}
	upTo := func(s *huma.Schema, highest int) *huma.Schema {
		high := float64(highest)
		s.Maximum = &high
		return s
	}
	return []*huma.Param{
		{Name: afterParameter, In: "query", Schema: integer(0, 0), Description: "The number that the entries are after"},
		{
			Name: limitParameter, In: "query", Schema: upTo(integer(1, defaultRevocations), maxRevocations),
			Description: "How many entries the answer may have",
		},
		{
			Name: waitParameter, In: "query", Schema: upTo(integer(0, 0), int(maxWait.Seconds())),
			Description: "For how many seconds to wait for an entry if there is none",
		},
	}
}

// parseRevocationQuery reads a query strictly: a misspelled parameter would go unnoticed for long.
func parseRevocationQuery(query string) (revocationQuery, error) {
	asked := revocationQuery{limit: defaultRevocations}
	values, err := url.ParseQuery(query)
	if err != nil {
		return asked, invalidRequest("The query is malformed.")
	}
	for name, list := range values {
		if !slices.Contains([]string{afterParameter, limitParameter, waitParameter}, name) {
			return asked, invalidRequest("The query may have after, limit and wait, and nothing else.")
		}
		if len(list) > 1 {
			return asked, invalidRequest("The query has a parameter twice.")
		}
		n, err := strconv.ParseUint(list[0], 10, 64)
		switch {
		case name == afterParameter && err != nil:
			return asked, invalidRequest("The parameter after must be a number that an entry may have, or 0.")
		case name == limitParameter && (err != nil || n < 1 || n > maxRevocations):
			return asked, invalidRequest("The parameter limit must be a whole number from 1 to " + strconv.Itoa(maxRevocations) + ".")
		case name == waitParameter && (err != nil || n > uint64(maxWait.Seconds())):
			return asked, invalidRequest("The parameter wait must be whole seconds from 0 to 25.")
		case name == afterParameter:
			asked.after = n
		case name == limitParameter:
			asked.limit = int(n)
		default:
			asked.wait = time.Duration(n) * time.Second
		}
	}
	return asked, nil
}
