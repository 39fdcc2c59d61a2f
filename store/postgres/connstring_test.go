package postgres_test

import (
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/store/postgres"
)

const encodeHint = "; a password with @ / ? # : or % in it has to be percent-encoded (@ is %40), or belongs in PGPASSWORD"

// Whatever is wrong with a connection string: nobody learns the password from the error.
func TestOpenKeepsThePassword(t *testing.T) {
	t.Parallel()
	const password = "pa/ss#w?rd"
	for _, dsn := range []string{
		"postgres://jeton:" + password + "@db.example.com:5432/jeton",
		"postgres://jeton:" + password + "@db.example.com:port/jeton",
		"postgres://jeton:" + password + "@[::1/jeton",
		"postgres://jeton:" + password + "@db?pool_max_conns=0",
		"postgresql//jeton:" + password + "@db",
		"host=/nowhere password=" + password + " pool_max_conns=none",
		"host=/nowhere password='" + password + "",
		"host=/nowhere password = '" + password + "' default_query_exec_mode=none",
		"host=/nowhere user=jeton dbname=x connect_timeout=1 password=" + password,
		"password=" + password + "=host",
		"sslmode=none password=\t" + password,
		"\x00" + password,
	} {
		wantSecret(t, dsn, "pa/ss", "w?rd", "ss#w")
	}
}

// A password that nobody has encoded, and a server that is not there: pieces of it are no host, port, database or parameter.
func TestOpenKeepsPiecesOfThePassword(t *testing.T) {
	t.Parallel()
	for _, password := range []string{
		"hu@nter", "hu/nter", "hu?nter", "hu#nter", "hu:nter", "hu%ter", "hu%6eter", "hu nter", "hu,nter", "[hu]nter", "p@ss/w#rd", "@nter", "nter@",
		"/nter", "?nter", "hu@nter:1", "1/nter", "1/hu?nter=x", "1/hu@nter?hu=nter", "hu@nter?hu=nter", "hu/n@ter:5", "?password=hu@nter", "hu&nter=x", "hu\nnter",
	} {
		for _, format := range []string{
			"postgres://jeton:%s@127.0.0.1:1/data",
			"postgres://jeton:%s@127.0.0.1:1/data?sslmode=disable&connect_timeout=1",
			"postgresql://jeton:%s@127.0.0.1:1,[::1]:1/data",
			"postgres://127.0.0.1:1/data?user=jeton&password=%s",
			"postgres://127.0.0.1:1?password=%s",
		} {
			wantSecret(t, fmt.Sprintf(format, password), "hu", "nter", "ter", "ss", "w#", "rd@")
		}
	}
}

// wantSecret fails the test unless Open has an error of one line without these pieces. "password" and "postgres" say nothing of
// the password, and "parameter" nothing of the rest.
func wantSecret(t *testing.T, dsn string, pieces ...string) {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
	if err == nil {
		closeNow(t, s)
		t.Fatalf("%q was opened", dsn)
	}
	known := strings.NewReplacer("password", "", "PGPASSWORD", "", "parameter", "", "invalid character", "")
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, err), slog.AnyValue(err).String()} {
		for _, piece := range pieces {
			if strings.Contains(known.Replace(text), piece) {
				t.Errorf("%q: the error has %q of the password: %s", dsn, piece, text)
			}
		}
	}
	if !strings.HasPrefix(err.Error(), "postgres: ") || strings.ContainsAny(err.Error(), "\n\t") {
		t.Errorf("%q: error is %v", dsn, err)
	}
}

// FuzzPassword puts anything where a password is: either all of it is the password, or the error is one of those that hold nothing of it.
func FuzzPassword(f *testing.F) {
	for _, seed := range []string{"", "hunter", "hu@nter", "hu/nter", "hu?nter", "hu#nter", "hu:nter", "hu%ter", "hu%40nter", "p@ss/w#rd", "1/x?y=", "\x00", "[", ","} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, password string) {
		cfg, err := postgres.ParseConfig("postgres://jeton:" + password + "@127.0.0.1:1/data?sslmode=disable")
		if err != nil {
			switch err.Error() {
			case "postgres: connection string: an @ or ? that is not where one can be" + encodeHint,
				"postgres: connection string: failed to parse as URL" + encodeHint:
			default:
				t.Errorf("error %v", err)
			}
			return
		}
		c := cfg.ConnConfig
		if c.Host != "127.0.0.1" || c.Port != 1 || c.User != "jeton" || c.Database != "data" || len(c.Fallbacks) != 0 {
			t.Errorf("host %q, port %d, user %q, database %q, %d more", c.Host, c.Port, c.User, c.Database, len(c.Fallbacks))
		}
		encoded, err := postgres.ParseConfig("postgres://jeton:" + strings.ReplaceAll(url.QueryEscape(password), "+", "%20") + "@127.0.0.1:1/data")
		if !strings.Contains(password, "\x00") && (err != nil || password != "" && encoded.ConnConfig.Password != password) {
			t.Errorf("encoded: error %v", err)
		}
	})
}

// What is encoded is as it was meant, and several hosts are no matter.
func TestParseConfigEncoded(t *testing.T) {
	t.Parallel()
	cfg, err := postgres.ParseConfig("postgres://ada%40example.com:p%40ss%2Fw%23r%3Fd%25@a:1,[::1]:2,c/my%40data?application_name=a%40b&sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	c := cfg.ConnConfig
	if c.User != "ada@example.com" || c.Password != "p@ss/w#r?d%" || c.Database != "my@data" || c.RuntimeParams["application_name"] != "a@b" {
		t.Errorf("user %q, password %q, database %q, parameters %q", c.User, c.Password, c.Database, c.RuntimeParams)
	}
	if c.Host != "a" || len(c.Fallbacks) != 2 || c.Fallbacks[0].Host != "::1" || c.Fallbacks[1].Host != "c" {
		t.Errorf("host %q and %v", c.Host, c.Fallbacks)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	noPEM := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(noPEM, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const misplaced = "an @ or ? that is not where one can be" + encodeHint
	for dsn, want := range map[string]string{
		"postgres://h/d?pool_max_conns=many":              "cannot parse pool_max_conns",
		"postgres://h/d?connect_timeout=x":                "invalid connect_timeout",
		"postgres://h:p/d":                                "invalid port" + encodeHint,
		"host=h port=p":                                   "invalid port",
		"postgres://h/d?default_query_exec_mode=fast":     "invalid default_query_exec_mode",
		"postgres://h/d?target_session_attrs=any%20thing": "unknown target_session_attrs value",
		"postgres://u:p@q@h/d":                            misplaced,
		"postgres://u:p/q@h/d":                            misplaced,
		"postgres://u:p?q@h/d":                            misplaced,
		"postgres://u@v:p@h/d":                            misplaced,
		"postgres://u:p@h,v@i/d":                          misplaced,
		"postgres://u:p@h/d@e":                            misplaced,
		"postgres://h/d?user=u@v":                         misplaced,
		"postgres://u:5%@h/d":                             "failed to parse as URL" + encodeHint,
		"jeton":                                           "failed to parse as keyword/value; want postgres://user@host/name, or keywords and values, those with spaces in single quotes",
		"postgres://h/d?sslmode=verfy-full":               "sslmode is none of disable, allow, prefer, require, verify-ca and verify-full",
		"host=h sslmode=verfy-full":                       "sslmode is none of disable, allow, prefer, require, verify-ca and verify-full",
		"postgres://h/d?sslrootcert=/nowhere":             "sslrootcert: the file cannot be read: no such file or directory",
		"postgres://h/d?sslrootcert=" + noPEM:             "sslrootcert: the file has no certificate in PEM",
		"postgres://h/d?sslcert=/nowhere&sslkey=":         "sslcert and sslkey: either needs the other",
		"postgres://h/d?sslcert=/nowhere&sslkey=/nowhere": "sslkey: the file cannot be read: no such file or directory",
	} {
		if _, err := postgres.Open(t.Context(), dsn); err == nil || err.Error() != "postgres: connection string: "+want {
			t.Errorf("%s: error is %v, want %s", dsn, err, want)
		}
	}
}
