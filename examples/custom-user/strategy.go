package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"sync"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/password"
)

// Card is the first step, strategy "card": what is printed on a customer's card, and what only the customer knows.
type Card struct {
	Number int64  `json:"number" doc:"Customer number" minimum:"1"`
	PIN    string `json:"pin" doc:"Personal identification number" maxLength:"12"`
}

// AccountName lets jeton limit attempts at one card, too, and not only those from one address.
func (c Card) AccountName() string { return "card " + strconv.FormatInt(c.Number, 10) }

// Code is the second step, strategy "code": what was sent to the customer.
type Code struct {
	State string `json:"state" doc:"What the first step answered" maxLength:"64"`
	Code  string `json:"code" doc:"What was sent to the customer" maxLength:"6"`
}

// Cards owns the ways to sign in with a card.
type Cards struct {
	customers Customers
	hasher    password.Hasher
	nobody    string // hash of no PIN, which cards that nobody has are checked against
	send      Sender
	pending   pendingCodes
}

// Sender sends a code to a customer, in a text message for example.
type Sender func(ctx context.Context, to *Customer, code string) error

// newCards returns the strategies for the cards of customers. now is the clock by which a code expires.
func newCards(customers Customers, hasher password.Hasher, send Sender, now func() time.Time) (*Cards, error) {
	nobody, err := hasher.Hash(rand.Text())
	if err != nil {
		return nil, err
	}
	return &Cards{
		customers: customers, hasher: hasher, nobody: nobody, send: send,
		pending: pendingCodes{now: now, codes: map[string]pendingCode{}},
	}, nil
}

// Strategies returns both steps.
func (c *Cards) Strategies() []jeton.Strategy {
	return []jeton.Strategy{jeton.StrategyFunc("card", c.proveCard), jeton.StrategyFunc("code", c.proveCode)}
}

// proveCard never proves enough: who knows the PIN is asked for the code. A card that nobody has takes as long as any other,
// and is answered in the same way, so that nobody can try which numbers there are.
func (c *Cards) proveCard(ctx context.Context, card Card, _ jeton.Client) (jeton.Identity, error) {
	customer, err := c.customers.ByNumber(ctx, card.Number)
	if errors.Is(err, jeton.ErrNotFound) {
		customer, err = &Customer{}, nil
	}
	if err != nil {
		return jeton.Identity{}, err
	}
	result, err := c.hasher.Check(cmp.Or(customer.pinHash, c.nobody), card.PIN)
	if err != nil {
		return jeton.Identity{}, fmt.Errorf("check the PIN of customer %d: %w", card.Number, err)
	}
	if !result.Match || customer.blocked {
		return jeton.Identity{}, jeton.ErrInvalidCredentials
	}
	state, code, err := c.pending.add(customer.authID)
	if err != nil {
		return jeton.Identity{}, err
	}
	if err := c.send(ctx, customer, code); err != nil {
		return jeton.Identity{}, fmt.Errorf("send a code to customer %d: %w", card.Number, err)
	}
	return jeton.Identity{}, &jeton.Challenge{Strategy: "code", Data: map[string]any{"state": state}}
}

// proveCode leaves to jeton whether the customer is still there, and not blocked.
func (c *Cards) proveCode(_ context.Context, code Code, _ jeton.Client) (jeton.Identity, error) {
	userID, ok := c.pending.take(code.State, code.Code)
	if !ok {
		return jeton.Identity{}, jeton.ErrInvalidCredentials
	}
	return jeton.Identity{UserID: userID, Methods: []string{"pin", "sms", "mfa"}}, nil // the names are RFC 8176's
}

// codeLifetime is how long a code may take to be typed.
const codeLifetime = 5 * time.Minute

// pendingCodes are the codes that were sent, in the memory of this process, by their state. Each may be tried once, right or wrong:
// guessing another one takes the PIN again.
type pendingCodes struct {
	now   func() time.Time
	mu    sync.Mutex
	codes map[string]pendingCode
}

type pendingCode struct {
	userID, code string
	expires      time.Time
}

func (p *pendingCodes) add(userID string) (state, code string, err error) {
	number, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", "", err
	}
	state, code = rand.Text(), fmt.Sprintf("%06d", number)
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for old, pending := range p.codes { // what nobody typed goes, so that the map stays small
		if now.After(pending.expires) {
			delete(p.codes, old)
		}
	}
	p.codes[state] = pendingCode{userID: userID, code: code, expires: now.Add(codeLifetime)}
	return state, code, nil
}

func (p *pendingCodes) take(state, code string) (userID string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pending, ok := p.codes[state]
	delete(p.codes, state)
	if !ok || p.now().After(pending.expires) || subtle.ConstantTimeCompare([]byte(code), []byte(pending.code)) == 0 {
		return "", false
	}
	return pending.userID, true
}
