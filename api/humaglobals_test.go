package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
)

// globals are huma's package variables that decide what it answers.
func globals() map[string]any {
	return map[string]any{
		"NewError": &huma.NewError, "NewErrorWithContext": &huma.NewErrorWithContext, "ErrorFormatter": &huma.ErrorFormatter,
		"DefaultArrayNullable": &huma.DefaultArrayNullable, "ValidateStrictCasing": &huma.ValidateStrictCasing,
		"DefaultJSONFormat.Marshal": &huma.DefaultJSONFormat.Marshal, "DefaultJSONFormat.Unmarshal": &huma.DefaultJSONFormat.Unmarshal,
		"DefaultFormats": &huma.DefaultFormats, "MsgUnexpectedProperty": &validation.MsgUnexpectedProperty,
	}
}

// identity tells one value of a global from another, a function by where it is.
func identity(global any) string {
	value := reflect.ValueOf(global).Elem()
	switch value.Kind() {
	case reflect.Func:
		return fmt.Sprint(value.Pointer())
	case reflect.Map:
		return fmt.Sprint(value.Pointer(), value.Len())
	}
	return fmt.Sprint(value.Interface())
}

// The tests of this file change what the process shares, so they do not run beside others.

func TestMountLeavesHumaAlone(t *testing.T) {
	before := map[string]string{}
	for name, global := range globals() {
		before[name] = identity(global)
	}
	s := start(t)
	s.signUp()
	s.post("/auth/signup", "{}", "").expect(http.StatusUnprocessableEntity)
	api.Mount(http.NewServeMux(), jetontest.New(t).Auth)
	for name, global := range globals() {
		if identity(global) != before[name] {
			t.Errorf("huma.%s is another than before", name)
		}
	}
}

// applicationError is how an application answers.
type applicationError struct{ Message string }

func (e *applicationError) Error() string  { return e.Message }
func (e *applicationError) GetStatus() int { return http.StatusTeapot }

func TestApplicationThatReplacesHumaGlobals(t *testing.T) {
	requests := []request{
		{method: http.MethodPost, path: "/auth/signup"},
		{method: http.MethodPost, path: "/auth/signup", body: "{"},
		{method: http.MethodPost, path: "/auth/signup", body: "{}"},
		{method: http.MethodPost, path: "/auth/signup", body: object("Email", email, "password", password)},
		{method: http.MethodPost, path: "/auth/signup", body: object("email", email, "password", "short")},
		{method: http.MethodPost, path: "/auth/signup", body: "x", header: media("text/plain")},
		{method: http.MethodPost, path: "/auth/signup", body: strings.Repeat(" ", 1<<20)},
		{method: http.MethodPost, path: "/auth/login", body: object("email", "nobody@example.com", "password", password)},
		{method: http.MethodGet, path: "/auth/me"},
		{method: http.MethodGet, path: "/auth/me", token: "x"},
		{method: http.MethodGet, path: "/auth/nothing"},
		{method: http.MethodGet, path: "/auth/login"},
		{method: http.MethodGet, path: "/openapi.json"},
	}
	before := start(t)
	var want []answer
	for _, r := range requests {
		want = append(want, before.send(r))
	}
	replaceHumaGlobals(t)
	after := start(t)
	for i, r := range requests {
		got := after.send(r)
		if got.status != want[i].status || got.header.Get("Content-Type") != want[i].header.Get("Content-Type") ||
			withoutID(got) != withoutID(want[i]) {
			t.Errorf("%s %s: %d %.300s\nwant %d %.300s", r.method, r.path, got.status, got.text, want[i].status, want[i].text)
		}
		before.send(r).expect(want[i].status)
	}
	if !bytes.Equal(before.api.OpenAPI(), after.api.OpenAPI()) {
		t.Error("the document is another")
	}
	in := after.signUp()
	after.get("/auth/me", in.AccessToken).expect(http.StatusOK)
}

func withoutID(a answer) string {
	return strings.ReplaceAll(a.text, a.header.Get("X-Request-Id"), "")
}

// replaceHumaGlobals does what an application may do, until the test ends.
func replaceHumaGlobals(t *testing.T) {
	t.Helper()
	for _, global := range globals() {
		value := reflect.ValueOf(global).Elem()
		old := reflect.ValueOf(value.Interface())
		t.Cleanup(func() { value.Set(old) })
	}
	huma.NewError = func(int, string, ...error) huma.StatusError { return &applicationError{"from the application"} }
	huma.NewErrorWithContext = func(huma.Context, int, string, ...error) huma.StatusError {
		return &applicationError{"from the application"}
	}
	formatter := &huma.ErrorFormatter
	*formatter = func(string, ...any) string { return "from the application" }
	huma.DefaultArrayNullable = !huma.DefaultArrayNullable
	huma.ValidateStrictCasing = !huma.ValidateStrictCasing
	huma.DefaultJSONFormat.Marshal = func(io.Writer, any) error { return io.ErrUnexpectedEOF }
	huma.DefaultJSONFormat.Unmarshal = func([]byte, any) error { return io.ErrUnexpectedEOF }
	huma.DefaultFormats = map[string]huma.Format{}
	validation.MsgUnexpectedProperty = "from the application"
}
