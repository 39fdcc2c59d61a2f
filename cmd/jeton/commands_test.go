package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/server"
	"github.com/jetonauth/jeton/jwk"
)

// typed runs a command line in this process, over a data directory, and returns what it prints.
func typed(t *testing.T, data, stdin string, args ...string) (out, errs string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	a := testApp(&o, &e)
	a.in, a.environ = strings.NewReader(stdin), []string{"JETON_DATA=" + data, "JETON_ISSUER=https://auth.example.com"}
	status = run(t.Context(), args, a)
	return o.String(), e.String(), status
}

// succeeds is typed for what must succeed.
func succeeds(t *testing.T, data, stdin string, args ...string) string {
	t.Helper()
	out, errs, status := typed(t, data, stdin, args...)
	if status != statusGood {
		t.Fatalf("jeton %s: status %d, %s", strings.Join(args, " "), status, errs)
	}
	return out
}

// newData makes a data directory with an account in it.
func newData(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	succeeds(t, data, "correct horse battery\n", "user", "add", "ada@example.com", "--password-stdin")
	return data
}

// read reads the JSON that a command prints.
func read[T any](t *testing.T, text string) (value T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

func keyList(t *testing.T, data string) []jeton.KeyInfo {
	t.Helper()
	return read[[]jeton.KeyInfo](t, succeeds(t, data, "", "keys", "list", "--json"))
}

func TestARevokedKeyIsReplaced(t *testing.T) {
	t.Parallel()
	data := newData(t)
	kid := keyList(t, data)[0].ID
	token := succeeds(t, data, "", "token", "sign", "--subject", "x")

	if _, errs, status := typed(t, data, "y\n", "keys", "revoke", kid); status != statusUsage || !strings.Contains(errs, "--yes is needed") {
		t.Errorf("without --yes: %d, %s", status, errs)
	}
	out := succeeds(t, data, "", "keys", "revoke", kid, "--yes")
	keys := keyList(t, data)
	if len(keys) != 2 || keys[0].State != jeton.KeyRevoked || keys[1].State != jeton.KeyActive {
		t.Fatalf("the keys are %v", keys)
	}
	if want := fmt.Sprintf("revoked the key %s; %s signs\n", kid, keys[1].ID); out != want {
		t.Errorf("%q, want %q", out, want)
	}
	if out := succeeds(t, data, "", "keys", "revoke", kid); !strings.HasPrefix(out, "the key "+kid+" was revoked at 2") {
		t.Errorf("revoked again: %q", out)
	}
	if key := read[jeton.KeyInfo](t, succeeds(t, data, "", "keys", "revoke", kid, "--json")); key.State != jeton.KeyRevoked {
		t.Errorf("%+v", key)
	}
	_, errs, status := typed(t, data, token, "token", "verify", "-")
	if want := fmt.Sprintf("jeton: the token is refused: unknown key: expected %s, got %s\n", keys[1].ID, kid); status != statusFailed || errs != want {
		t.Errorf("%d, %q, want %q", status, errs, want)
	}
	if _, _, status := typed(t, data, succeeds(t, data, "", "token", "sign", "--subject", "x"), "token", "verify", "-"); status != statusGood {
		t.Error("the new key's tokens are refused")
	}
	if out := succeeds(t, data, "", "keys", "export", "--format", "pem"); strings.Count(out, "BEGIN") != 1 {
		t.Errorf("the revoked key is exported:\n%s", out)
	}
}

func TestAPrivateKeyIsExported(t *testing.T) {
	t.Parallel()
	data := newData(t)
	kid := keyList(t, data)[0].ID
	for _, format := range []string{formatJWK, formatPEM} {
		file := filepath.Join(t.TempDir(), "key")
		if out := succeeds(t, data, "", "keys", "export", "--private", kid, "--yes", "--format", format, "--out", file); out != "" {
			t.Errorf("%s: printed %q", format, out)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode() != 0o600 {
			t.Errorf("%s: the file has the mode %v", format, info.Mode())
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		key, err := jwk.Parse(text)
		if format == formatPEM {
			key, err = jwk.ParsePEM(jwk.ES256, text)
		}
		if err != nil || key.ID() != kid || !key.CanSign() {
			t.Errorf("%s: %v, %v", format, key, err)
		}
		printed := succeeds(t, data, "", "keys", "export", "--private", kid, "-y", "--format", format)
		if printed != string(text) {
			t.Errorf("%s: printed %q, and written %q", format, printed, text)
		}
	}
	public := succeeds(t, data, "", "keys", "export", kid)
	if key, err := jwk.Parse([]byte(public)); err != nil || key.CanSign() || key.ID() != kid {
		t.Errorf("%v, %v", key, err)
	}
	set := filepath.Join(t.TempDir(), "jwks.json")
	succeeds(t, data, "", "keys", "export", "--out", set)
	token := succeeds(t, data, "", "token", "sign", "--subject", "x")
	claims := succeeds(t, filepath.Join(t.TempDir(), "none"), token,
		"token", "verify", "-", "--keys", set, "--issuer", "https://auth.example.com", "--audience", "https://auth.example.com")
	if read[map[string]any](t, claims)["sub"] != "x" {
		t.Error(claims)
	}
}

// TestManyUsersAreListed has more than one page of them.
func TestManyUsersAreListed(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	service, err := server.OpenService(t.Context(), server.Config{
		Listen: "127.0.0.1:0", Data: data, AccessTTL: jeton.DefaultAccessTTL, Logger: testLogger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	const many = 2*jeton.MaxUserPage + 1
	for i := range many {
		if _, err := service.Auth().CreateUser(t.Context(), jeton.NewUser{Email: fmt.Sprintf("user%d@example.com", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := service.Close(); err != nil {
		t.Fatal(err)
	}
	users := read[[]shownUser](t, succeeds(t, data, "", "user", "list", "--json"))
	seen := map[string]bool{}
	for i, u := range users {
		if seen[u.Email] || u.PasswordChangedAt.IsZero() == false || i > 0 && users[i-1].ID >= u.ID {
			t.Fatalf("number %d: %+v", i, u)
		}
		seen[u.Email] = true
	}
	if len(users) != many || len(seen) != many {
		t.Errorf("%d accounts listed, want %d", len(users), many)
	}
	lines := strings.Split(strings.TrimSpace(succeeds(t, data, "", "user", "list")), "\n")
	if len(lines) != many+1 || !strings.HasPrefix(lines[0], "EMAIL ") || strings.Contains(strings.Join(lines[1:], "\n"), "EMAIL ") {
		t.Errorf("%d lines, the first is %q", len(lines), lines[0])
	}
	if out := succeeds(t, data, "", "user", "show", users[0].ID); !strings.Contains(out, "PASSWORD  none\n") {
		t.Error(out)
	}
}

// TestWhatUsersChooseIsPrintable: a name cannot move the cursor of whoever lists it.
func TestWhatUsersChooseIsPrintable(t *testing.T) {
	t.Parallel()
	data := newData(t)
	const name = "\u202egnp.exe"
	out := succeeds(t, data, "correct horse battery", "user", "add", "bob@example.com", "--name", name, "--password-stdin")
	for _, line := range []string{"list", "show bob@example.com"} {
		out += succeeds(t, data, "", append([]string{"user"}, strings.Fields(line)...)...)
	}
	if strings.Contains(out, "\u202e") || !strings.Contains(out, `\u202egnp.exe`) {
		t.Errorf("%q", out)
	}
}

// TestNoSecretIsPrinted runs commands that know secrets, also with the log at its most talkative, and looks for those.
func TestNoSecretIsPrinted(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	const password = "correct horse battery"
	all := ""
	line := func(stdin string, args ...string) string {
		out, errs, _ := typed(t, data, stdin, append(args, "--log-level", "debug")...)
		all += out + errs
		return out
	}
	line(password, "user", "add", "ada@example.com", "--password-stdin")
	line(password, "user", "add", "ada@example.com", "--password-stdin", "--json")
	line(password, "user", "passwd", "ada@example.com", "--password-stdin")
	line("short", "user", "passwd", "ada@example.com", "--password-stdin")
	line("", "user", "show", "ada@example.com", "--json")
	line("", "user", "list", "--json")
	line("", "keys", "list", "--json")
	line("", "keys", "export")
	line("", "keys", "rotate")
	line("", "client", "list", "--json")
	client, _, _ := typed(t, data, "", "client", "add", "x", "--scope", "introspect")
	line("", "client", "list", "--json")
	line("", "client", "remove", "x")
	token, _, _ := typed(t, data, "", "token", "sign", "--subject", "x")
	line(token, "token", "verify", "-")
	line(token, "token", "explain", "-")
	line(token, "token", "explain", "-", "--json")
	line("jrt_secretsecret", "token", "explain", "-")
	master, err := os.ReadFile(filepath.Join(data, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.TrimSpace(token), ".")
	for name, secret := range map[string]string{
		"password": password, "short password": "short\n", "client's secret": strings.TrimSpace(client), "signature": parts[len(parts)-1],
		"refresh token": "jrt_secretsecret", "master key": strings.TrimSpace(string(master)), "hash": "argon2", "private key": `"d"`,
	} {
		if len(secret) < 3 || strings.Contains(all, secret) {
			t.Errorf("the %s is printed", name)
		}
	}
}

// failing is a stream that cannot be written to.
type failing struct{}

var errBroken = errors.New("broken pipe")

func (failing) Write([]byte) (int, error) { return 0, errBroken }

// TestOutputThatCannotBeWrittenIsAFailure: who redirects to a full disk must be told.
func TestOutputThatCannotBeWrittenIsAFailure(t *testing.T) {
	t.Parallel()
	data := newData(t)
	for _, line := range []string{
		"user list", "user list --json", "user show ada@example.com", "user enable ada@example.com", "keys list", "keys export",
		"token sign --subject x", "token sign --subject x --json", "client list", "client add x --scope introspect",
		"client add y --scope introspect --json", "token explain x --data " + data, "token explain x --json --data " + data,
	} {
		var errs bytes.Buffer
		a := testApp(failing{}, &errs)
		a.environ = []string{"JETON_DATA=" + data}
		if status := run(t.Context(), strings.Fields(line), a); status != statusFailed || !strings.Contains(errs.String(), errBroken.Error()) {
			t.Errorf("jeton %s: status %d, %q", line, status, &errs)
		}
	}
}

// TestAMasterKeyThatIsMissingIsNotMade: a command would make a database useless that was sealed under another one.
func TestAMasterKeyThatIsMissingIsNotMade(t *testing.T) {
	t.Parallel()
	data := newData(t)
	if err := os.Remove(filepath.Join(data, "master.key")); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"user list", "client add x --scope introspect", "keys rotate --now"} {
		out, errs, status := typed(t, data, "", strings.Fields(line)...)
		if status != statusFailed || out != "" || !strings.Contains(errs, "master key") {
			t.Errorf("jeton %s: %d, %q, %q", line, status, out, errs)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "master.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a master key was made")
	}
}

func testLogger() *slog.Logger { return slog.New(slog.DiscardHandler) }
