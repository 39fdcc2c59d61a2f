package mongo_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/mongo"
)

func TestDatabaseOf(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"mongodb://localhost":                                  "jeton",
		"mongodb://localhost/":                                 "jeton",
		"mongodb://localhost/app":                              "app",
		"mongodb://localhost/app?replicaSet=rs0":               "app",
		"mongodb://localhost?replicaSet=rs0":                   "jeton",
		"mongodb://a:1,b:2,c:3/app":                            "app",
		"mongodb://user:p%40ss%2F@a:1,b:2/app?authSource=x/y":  "app",
		"mongodb+srv://user:secret@cluster.example.com/app-1_": "app-1_",
		"mongodb://localhost/my%2Ddata":                        "my-data",
		"mongodb://localhost/a/b":                              "",
		"mongodb://localhost/a.b":                              "",
		"mongodb://localhost/a%20b":                            "",
		"mongodb://localhost/%zz":                              "",
		"postgres://localhost/app":                             "",
		"localhost":                                            "",
		"":                                                     "",
	} {
		got, err := mongo.DatabaseOf(uri)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: database %q, error %v, want %q", uri, got, err, want)
		}
	}
}

// What is wrong with a connection string is said without it: it may be written to a log.
func TestOpenErrorsHaveNoSecret(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	const fast = "serverSelectionTimeoutMS=20"
	for name, uri := range map[string]string{
		"another scheme":     "mysql://ada:s3cret@localhost/app",
		"a database's name":  "mongodb://ada:s3cret@localhost/a.b",
		"a port":             "mongodb://ada:s3cret@localhost:x/app",
		"a host forgotten":   "mongodb://ada:s3cret/app",
		"and the slash":      "mongodb://ada:s3cret",
		"the second host":    "mongodb://ada:s3cret@localhost,ada:s3cret/app",
		"an at sign":         "mongodb://ada:s3c@ret@localhost/app",
		"a slash":            "mongodb://ada:s3cret/x@localhost/app",
		"an option":          "mongodb://ada:s3cret@localhost/app?maxPoolSize=many",
		"an unknown certain": "mongodb://ada:s3cret@localhost/app?tls=true&tlsCAFile=/nowhere",
		"a percent sign":     "mongodb://ada:s3cret%@localhost/app",
		"nobody there":       "mongodb://ada:s3cret@127.0.0.1:1/app?" + fast,
	} {
		s, err := mongo.Open(ctx, uri)
		if err == nil {
			_ = s.Close(ctx)
			t.Errorf("%s: no error", name)
			continue
		}
		for _, secret := range []string{"s3c", "cret"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: error %q has the password in it", name, err)
			}
		}
		if !strings.HasPrefix(err.Error(), "mongo: ") || errors.Is(err, jeton.ErrUnavailable) != strings.Contains(uri, fast) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}
