package explorer_test

import (
	"strings"
	"testing"

	"github.com/jetonauth/jeton/explorer"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	const doc = "/openapi.json"
	tests := []struct {
		cfg  explorer.Config
		want string // in the error; none if empty
	}{
		{explorer.Config{Document: doc}, ""},
		{explorer.Config{Document: "https://api.example.com/openapi.json"}, ""},
		{explorer.Config{Document: "../openapi.yaml?v=3"}, ""},
		{explorer.Config{Document: doc, SignIn: "../auth/login", Refresh: "/auth/refresh"}, ""},
		{explorer.Config{Document: doc, BasePath: "/"}, ""},
		{explorer.Config{Document: doc, BasePath: "/v1.2/~docs_-/"}, ""},

		{explorer.Config{}, "Config.Document: needed"},
		{explorer.Config{Document: "javascript:alert(1)"}, "Config.Document:"},
		{explorer.Config{Document: "file:///etc/passwd"}, "Config.Document:"},
		{explorer.Config{Document: "https://ada:secret@api.example.com/"}, "Config.Document:"},
		{explorer.Config{Document: "//other.example.com/openapi.json"}, "Config.Document:"},
		{explorer.Config{Document: "/\nopenapi.json"}, "Config.Document:"},
		{explorer.Config{Document: " /openapi.json"}, "Config.Document:"},
		{explorer.Config{Document: "%zz"}, "Config.Document:"},
		{explorer.Config{Document: doc, SignIn: "https://api.example.com/login"}, "Config.SignIn:"},
		{explorer.Config{Document: doc, SignIn: "//other.example.com/login"}, "Config.SignIn:"},
		{explorer.Config{Document: doc, SignIn: "///other.example.com/login"}, "Config.SignIn:"},
		{explorer.Config{Document: doc, SignIn: `/\other.example.com/login`}, "Config.SignIn:"},
		{explorer.Config{Document: doc, SignIn: `\\other.example.com/login`}, "Config.SignIn:"},
		{explorer.Config{Document: doc, SignIn: "?x"}, "Config.SignIn:"},
		{explorer.Config{Document: doc, SignIn: "/login", Refresh: "//other.example.com"}, "Config.Refresh:"},
		{explorer.Config{Document: doc, Refresh: "/refresh"}, "Config.Refresh: of no use without Config.SignIn"},
		{explorer.Config{Document: doc, BasePath: "explorer"}, "Config.BasePath:"},
		{explorer.Config{Document: doc, BasePath: "//"}, "Config.BasePath:"},
		{explorer.Config{Document: doc, BasePath: "/explorer//"}, "Config.BasePath:"},
		{explorer.Config{Document: doc, BasePath: "/a/../explorer"}, "Config.BasePath:"},
		{explorer.Config{Document: doc, BasePath: "/explorer/{name}"}, "Config.BasePath:"},
		{explorer.Config{Document: doc, BasePath: "/explorer?x"}, "Config.BasePath:"},
		{explorer.Config{Document: doc, BasePath: "/ä"}, "Config.BasePath:"},
	}
	for _, test := range tests {
		e, err := explorer.New(test.cfg)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%+v: %v", test.cfg, err)
		case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "explorer: "+test.want)):
			t.Errorf("%+v: %v, want an error about %s", test.cfg, err, test.want)
		case (e == nil) != (err != nil):
			t.Errorf("%+v: an explorer: %v, and an error: %v", test.cfg, e != nil, err)
		}
	}
}
