package settings_test

import (
	"strings"
	"testing"

	"github.com/jetonauth/jeton/internal/settings"
)

func TestALocationHidesItsPassword(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://ada@db/x":                              "postgres://ada@db/x",
		"postgres://db:5432/x?application_name=S3@b":       "postgres://db:(hidden)@b",
		"postgres://ada:S3cret@db:5432/x?sslmode=disable":  "postgres://ada:(hidden)@db:5432/x?sslmode=disable",
		"postgres://ada:S3:c/r?e#t@db:5432/x":              "postgres://ada:(hidden)@db:5432/x",
		"postgres://ada:pa?S3cret@db/x":                    "postgres://ada:(hidden)@db/x",
		"postgres://ada:S3c@ret@db/x":                      "postgres://ada:(hidden)@db/x",
		"postgres://ada:p@?S3cret=1@db/x":                  "postgres://ada:(hidden)@db/x",
		"postgres://ada:S3cret@a,b/x?password=S3cret":      "postgres://ada:(hidden)@a,b/x?password=(hidden)",
		"postgres://db/x?%70assword=S3cret&sslmode=prefer": "postgres://db/x?%70assword=(hidden)&sslmode=prefer",
		"postgres://db/x?password=S3cret&S3cret":           "postgres://db/x?password=(hidden)&(hidden)",
		"mongodb://ada:S3cret@a:1,b:2/x?authMechanismProperties=AWS_SESSION_TOKEN:S3cret&replicaSet=rs0": "mongodb://ada:(hidden)@a:1,b:2/x?" +
			"authMechanismProperties=(hidden)&replicaSet=rs0",
		"redis://:S3cret@db:6379/0": "redis://:(hidden)@db:6379/0",
		"sqlite:data/jeton.db":      "sqlite:data/jeton.db",
	} {
		l := settings.Location(url)
		if got := l.String(); got != want {
			t.Errorf("%s is shown as %s, want %s", url, got, want)
		}
		if strings.Contains(l.GoString()+l.LogValue().String()+l.String(), "S3cret") {
			t.Errorf("%s is shown", url)
		}
		if l.HasPassword() != strings.Contains(url, "S3") {
			t.Errorf("%s has a password: %t", url, l.HasPassword())
		}
		if l.Reveal() != url {
			t.Errorf("%s reveals %s", url, l.Reveal())
		}
	}
}

func TestANodeOfAFleetNeedsMore(t *testing.T) {
	t.Parallel()
	source := func(more ...string) settings.Source {
		return settings.Source{Serve: true, Environ: append([]string{"JETON_DATABASE=postgres://db/x"}, more...)}
	}
	wantLines(t, problems(t, source()),
		"issuer: needed with a database that nodes share, the same on each of them: the URL under which clients reach them, such as https://auth.example.com",
		"master_key: needed with a database that nodes share: the one that the other nodes have; for a new database, openssl rand -hex 32 makes one")
	read(t, source("JETON_ISSUER=https://auth.example.com", "JETON_MASTER_KEY=6f7ce07ab4b52a8f8b1b1f0b6b1bd9b0a1f5c0d3e2f4a5968778695a4b3c2d1e"))
	read(t, settings.Source{Serve: true, Environ: []string{"JETON_DATABASE=sqlite:x.db"}})
}
