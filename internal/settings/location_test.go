package settings_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/internal/settings"
)

func TestALocationHidesItsPassword(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://ada@db/x":                              "postgres://ada@db/x",
		"postgres://db:5432/x?application_name=S3@b":       "postgres://(hidden)",
		"postgres://ada:S3cret@db:5432/x?sslmode=disable":  "postgres://ada:(hidden)@db:5432/x?sslmode=disable",
		"postgres://ada:S3:c/r?e#t@db:5432/x":              "postgres://(hidden)",
		"postgres://ada:pa?S3cret@db/x":                    "postgres://(hidden)",
		"postgres://ada:S3c@ret@db/x":                      "postgres://ada:(hidden)@db/x",
		"postgres://ada:p@?S3cret=1@db/x":                  "postgres://(hidden)",
		"postgres://ada:S3cret@a,b/x?password=S3cret":      "postgres://ada:(hidden)@a,b/x?password=(hidden)",
		"postgres://db/x?%70assword=S3cret&sslmode=prefer": "postgres://db/x?(hidden)&sslmode=prefer",
		"postgres://db/x?password=S3cret&S3cret":           "postgres://db/x?password=(hidden)&(hidden)",
		"mongodb://ada:S3cret@a:1,b:2/x?authMechanismProperties=AWS_SESSION_TOKEN:S3cret&replicaSet=rs0": "mongodb://ada:(hidden)@a:1,b:2/x?" +
			"authMechanismProperties=(hidden)&replicaSet=rs0",
		"redis://:S3cret@db:6379/0": "redis://:(hidden)@db:6379/0",
		"sqlite:data/jeton.db":      "sqlite:data/jeton.db",
		"":                          "",

		"postgres://db.example.com/jeton?user=jeton&password=p@S3cret":    "postgres://(hidden)",
		"postgres://db.example.com:5432/jeton?user=j&password=a@S3cret":   "postgres://(hidden)",
		"postgres://db.example.com/jeton&password=S3cret":                 "postgres://(hidden)",
		"postgres://db.example.com/jeton%26password=S3cret":               "postgres://(hidden)",
		"postgres://db.example.com/jeton;password=S3cret":                 "postgres://(hidden)",
		"postgres://db.example.com/jeton?sslmode=disable;password=S3cret": "postgres://db.example.com/jeton?sslmode=(hidden)",
		"postgres://db/x?sslmode=disable%26password%3DS3cret":             "postgres://db/x?sslmode=(hidden)",
		"postgres://db/x?password=a&S3cret=&sslmode=disable":              "postgres://db/x?password=(hidden)&(hidden)&sslmode=disable",
		"postgres://ada:@S3cret":                                          "postgres://(hidden)",
		"postgres://db/x?user=j&user=a":                                   "postgres://db/x?user=j&user=a",
		"postgres://db/x?":                                                "postgres://db/x?",
		"postgres://db/x?password=&S3":                                    "postgres://db/x?password=(hidden)&(hidden)",
		"postgres://db/x?password=a#S3cret@b":                             "postgres://(hidden)",
		"postgres://db/x?host=/run/postgresql&port=5433":                  "postgres://db/x?host=/run/postgresql&port=5433",
		"postgres://ada:S3cret":                                           "postgres://(hidden)",
		"postgres://ada:p@db:S3cret":                                      "postgres://(hidden)",
		"postgres://ada%3AS3cret@db/x":                                    "postgres://(hidden)",
		"postgres://a@b:S3cret@db/x":                                      "postgres://(hidden)",
		"postgres://ada:p/x@S3cret@db/x":                                  "postgres://(hidden)",
		"postgres://ada@[::1]:5432,b.example.com,[fe80::1%25eth0]/x":      "postgres://ada@[::1]:5432,b.example.com,[fe80::1%25eth0]/x",
		"postgres://ada@[S3cret]:5432/x":                                  "postgres://(hidden)",
		"postgres://%2Frun%2Fpostgresql/x":                                "postgres://%2Frun%2Fpostgresql/x",
		"mongodb://u@h/x?tlsCertificateKeyFilePassword=S3cret@":           "mongodb://(hidden)",
		"mongodb://u@h/x?tlsCertificateKeyFilePassword=S3cret&tls=true":   "mongodb://u@h/x?tlsCertificateKeyFilePassword=(hidden)&tls=true",
		"mongodb+srv://u:S3cret@cluster.example.com/x?retryWrites=true":   "mongodb+srv://u:(hidden)@cluster.example.com/x?retryWrites=true",
		"unix:///tmp/redis.sock?password=p@S3cret":                        "unix://(hidden)",
		"unix:///run/redis.sock?db=0":                                     "unix:///run/redis.sock?db=0",
		"unix://ada:S3cret@/run/redis.sock":                               "unix://ada:(hidden)@/run/redis.sock",
		"redis://S3cret@db:6379/0":                                        "redis://(hidden)@db:6379/0",
		"redis+sentinel://h:26379/0?master_name=main&addr=h2:26379":       "redis+sentinel://h:26379/0?master_name=main&addr=h2:26379",
		"redis+sentinel://h:26379/0?sentinel_password=S3cret&addr=h:1":    "redis+sentinel://h:26379/0?sentinel_password=(hidden)&addr=h:1",
		"S3cret": "(hidden)", "ada:S3cret@db": "(hidden)", "S3cret://db": "(hidden)",
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

// FuzzALocationHidesItsPassword puts a password wherever one may be, as it is and encoded.
func FuzzALocationHidesItsPassword(f *testing.F) {
	places := []string{
		"postgres://ada:%@db.test/x", "postgres://ada:%@db.test:5432/x?sslmode=require", "postgres://ada:%@",
		"postgres://db.test/x?user=ada&password=%", "postgres://db.test/x?password=%&user=ada", "postgres://db.test:5432/x?sslpassword=%",
		"postgres://db.test/x&password=%", "postgres://db.test/x?sslmode=require;password=%", "postgres://db.test?password=%",
		"postgres://ada:%@db.test/x?password=%", "postgresql://:%@db.test/x", "postgres://ada:%@[::1]:1,b.test/x",
		"mongodb://u:%@h.test:1,h.test:2/x?replicaSet=rs0", "mongodb://u@h.test/x?tlsCertificateKeyFilePassword=%",
		"mongodb+srv://u:%@h.test/x?authMechanismProperties=AWS_SESSION_TOKEN:%", "mongodb://u@h.test/x?unknown=%",
		"redis://:%@r.test:6379/0", "redis://%@r.test/0", "rediss://ada:%@r.test/0", "redis://r.test/0?password=%", "redis+cluster://:%@r.test:1?addr=s:2",
		"redis+sentinel://:%@r.test/0?sentinel_password=%&master_name=m", "unix:///redis.sock?password=%", "unix://ada:%@/redis.sock", "unix://%@/redis.sock",
	}
	for i := range places {
		for _, password := range []string{"hunter2", "p@ss", "a@longsecret", "hunter2@", "a/b?c#d", "a&b=c;d", "a:b@c:d", "p%40ss", "[::1]", "é\x1b\xff", "a&bc="} {
			f.Add(byte(i), password)
		}
	}
	f.Fuzz(func(t *testing.T, place byte, password string) {
		template := places[int(place)%len(places)]
		for _, written := range []string{password, url.PathEscape(password), url.QueryEscape(password), url.UserPassword("", password).String()[1:]} {
			if len(written) < 4 || written[0] == '&' || strings.ContainsAny(written, "()") || strings.Contains(strings.ReplaceAll(template, "%", "(hidden)"), written) {
				continue // it may be there by chance, or is another parameter
			}
			l := settings.Location(strings.ReplaceAll(template, "%", written))
			if shown := l.String(); strings.Contains(shown, written) {
				t.Errorf("%q is shown as %q", string(l), shown)
			}
			if !l.HasPassword() {
				t.Errorf("%q has no password", string(l))
			}
		}
	})
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
