package remote_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/revoke/remote"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		issuer, url, client, secret string
		timeout                     time.Duration
		field                       string // that the error names; none means no error
	}{
		"issuer":                  {issuer: "https://a.test"},
		"issuer with a path":      {issuer: "https://a.test/b/"},
		"address":                 {url: "https://a.test/revocations"},
		"address, whatever else":  {url: "https://a.test", issuer: "nonsense"},
		"http on this machine":    {issuer: "http://127.0.0.1:1"},
		"http on localhost":       {issuer: "http://localhost"},
		"http on [::1]":           {issuer: "http://[::1]:1"},
		"neither":                 {field: "Issuer or Config.URL"},
		"http elsewhere":          {issuer: "http://a.test", field: "Issuer"},
		"http address elsewhere":  {url: "http://a.test", field: "URL"},
		"http on a similar name":  {issuer: "http://localhost.a.test", field: "Issuer"},
		"another scheme":          {url: "ftp://a.test", field: "URL"},
		"no scheme":               {issuer: "a.test", field: "Issuer"},
		"no host":                 {issuer: "https:///x", field: "Issuer"},
		"user":                    {url: "https://news:hunter2hunter2@a.test", field: "URL"},
		"query":                   {url: "https://a.test?after=1", field: "URL"},
		"empty query":             {url: "https://a.test?", field: "URL"},
		"fragment":                {url: "https://a.test#x", field: "URL"},
		"not a URL, with secrets": {url: "https://hunter2hunter2%zz", field: "URL"},
		"no name":                 {issuer: "https://a.test", client: "-", field: "Name"},
		"no secret":               {issuer: "https://a.test", secret: "-", field: "Secret"},
		"negative timeout":        {issuer: "https://a.test", timeout: -1, field: "Timeout"},
	} {
		cfg := remote.Config{Issuer: tt.issuer, URL: tt.url, Name: "news", Secret: "hunter2hunter2", Timeout: tt.timeout}
		if tt.client == "-" {
			cfg.Name = ""
		}
		if tt.secret == "-" {
			cfg.Secret = ""
		}
		feed, err := remote.New(cfg)
		if (err == nil) != (tt.field == "") || (err == nil) != (feed != nil) {
			t.Errorf("%s: error %v", name, err)
		}
		if err != nil && (!strings.HasPrefix(err.Error(), "revoke/remote: Config."+tt.field+": ") || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: error %q", name, err)
		}
	}
}

// What holds the secret shows it to nobody.
func TestRedaction(t *testing.T) {
	t.Parallel()
	const hidden = "hunter2hunter2"
	cfg := remote.Config{Issuer: "https://a.test/", Name: "news", Secret: hidden}
	feed := newFeed(t, cfg)
	var logged strings.Builder
	logger := slog.New(slog.NewJSONHandler(&logged, nil))
	for _, value := range []any{cfg, &cfg, feed, *feedCopy(feed), struct{ Feed *remote.Feed }{feed}} {
		logger.Info("a value", "value", value)
		inJSON, _ := json.Marshal(value)
		text := fmt.Sprintf("%v %+v %#v %s %s", value, value, value, value, inJSON) + logged.String()
		if strings.Contains(text, hidden) {
			t.Errorf("%T: %s", value, text)
		}
	}
	if got, want := fmt.Sprint(cfg, feed), "revocations at https://a.test/auth/revocations for the service client news"; got != want+" "+want {
		t.Errorf("%q", got)
	}
}

// feedCopy is what a pointer to a feed is within something that is printed whole.
func feedCopy(feed *remote.Feed) *struct{ feed *remote.Feed } {
	return &struct{ feed *remote.Feed }{feed}
}
