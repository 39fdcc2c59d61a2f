package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	maxBody  = 4 << 20 // bytes of an answer
	maxLimit = 20_000  // entries of an answer
	// drained is how much of an answer is read that nobody wants, so that its connection can be used again.
	drained = 4 << 10
)

// ErrRefused is for a server that does not let the service client read its feed: name or secret is wrong, or it has not the
// scope. It is wrapped with which of them.
var ErrRefused = errors.New("revoke/remote: refused")

// client asks for pages of the feed.
type client struct {
	http         http.Client
	address      string
	name         string
	timeout      time.Duration
	authenticate func(*http.Request)
}

// question is what is asked for.
type question struct {
	after uint64
	limit int
	wait  time.Duration // whole seconds
}

// statusError is an answer that is not 200.
type statusError struct {
	wait time.Duration // that the server asks for before the next request
	err  error
}

// Error says what the answer means.
func (e *statusError) Error() string { return e.err.Error() }

// Unwrap returns what the answer means.
func (e *statusError) Unwrap() error { return e.err }

// ask asks once. An error has the address, and neither credentials nor what was answered.
func (c *client) ask(ctx context.Context, q question) (page, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout+q.wait)
	defer cancel()
	text, err := c.get(ctx, q)
	if err != nil {
		return page{}, err
	}
	p, err := parsePage(text, q)
	if err != nil {
		return page{}, fmt.Errorf("%s: %w", c.address, err)
	}
	return p, nil
}

func (c *client) get(ctx context.Context, q question) (text string, err error) {
	query := url.Values{"after": {strconv.FormatUint(q.after, 10)}, "limit": {strconv.Itoa(q.limit)}}
	if q.wait > 0 {
		query.Set("wait", strconv.Itoa(int(q.wait.Seconds())))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return "", err
	}
	c.authenticate(req)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "jeton")
	resp, err := c.http.Do(req)
	if err != nil {
		return "", err // it names the address
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, resp.Body, drained)
		return "", c.refusal(resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return "", fmt.Errorf("%s: %w", c.address, err)
	}
	if len(body) > maxBody {
		return "", fmt.Errorf("%s: %w: more than %d bytes", c.address, ErrMalformed, maxBody)
	}
	return string(body), nil
}

// refusal says what an answer other than 200 means.
func (c *client) refusal(resp *http.Response) error {
	e := &statusError{}
	if seconds, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 16); err == nil {
		e.wait = time.Duration(seconds) * time.Second
	}
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized:
		e.err = fmt.Errorf("%w: %s does not know the service client %q, or its secret is another one (401)", ErrRefused, c.address, c.name)
	case status == http.StatusForbidden:
		e.err = fmt.Errorf("%w: %s: the service client %q has not the scope \"revocations\" (403)", ErrRefused, c.address, c.name)
	case status >= 300 && status < 400:
		e.err = fmt.Errorf("%s answered %d, and redirects are not followed: Config.URL must be where the feed is", c.address, status)
	default:
		e.err = fmt.Errorf("%s answered %d", c.address, status)
	}
	return e
}
