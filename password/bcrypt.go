package password

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	bcryptLength   = 60
	bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	maxBcryptCost  = 15
	// maxBcryptPassword is the longest that bcrypt tells from others: it leaves out what follows.
	maxBcryptPassword = 72
)

// bcryptHash is a hash such as "$2b$12$" with 22 characters of salt and 31 of tag, in bcrypt's own base64.
type bcryptHash string

func (h bcryptHash) scheme() string { return "bcrypt" }

// matches derives also for the passwords that cannot match, so that they take no less time.
func (h bcryptHash) matches(password string) (bool, error) {
	ambiguous := len(password) > maxBcryptPassword || strings.Contains(password, "\x00")
	err := bcrypt.CompareHashAndPassword([]byte(h), []byte(password[:min(len(password), maxBcryptPassword)]))
	if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, fmt.Errorf("password: checking bcrypt: %w", err)
	}
	return err == nil && !ambiguous, nil
}

func parseBcrypt(hash string) (storedHash, error) {
	if len(hash) != bcryptLength || hash[6] != '$' {
		return nil, fmt.Errorf("%w: bcrypt of %d characters", ErrUnknownHash, len(hash))
	}
	if strings.Trim(hash[7:], bcryptAlphabet) != "" {
		return nil, fmt.Errorf("%w: bcrypt outside its alphabet", ErrUnknownHash)
	}
	// The cost always has two digits: "05".
	cost, err := number(strings.TrimPrefix(hash[4:6], "0"))
	if err != nil {
		return nil, err
	}
	switch {
	case cost < bcrypt.MinCost || cost > bcrypt.MaxCost:
		return nil, fmt.Errorf("%w: bcrypt of cost %d", ErrUnknownHash, cost)
	case cost > maxBcryptCost:
		return nil, fmt.Errorf("%w: bcrypt of cost %d, limit %d", ErrTooCostly, cost, maxBcryptCost)
	}
	return bcryptHash(hash), nil
}
