//go:build !race

package browser_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience is how long a script, or building the program, may take on a busy machine.
const patience = 4 * time.Minute

// One browser at a time is enough for a machine: the tests are not parallel.

func TestTokenIsTakenFromThePage(t *testing.T) {
	var got struct {
		SignedUp, Before, After int
		Account                 map[string]any
	}
	run(t, "token.mjs", serve(t), &got)
	if got.SignedUp != 201 || got.Before != 401 || got.After != 200 {
		t.Errorf("sign-up %d, account without a token %d, with it %d; want 201, 401, 200", got.SignedUp, got.Before, got.After)
	}
	if got.Account["email"] != "ada@example.com" || got.Account["name"] != "Ada" {
		t.Errorf("the page shows the account %v", got.Account)
	}
}

func TestPasswordSignsIn(t *testing.T) {
	var got struct {
		Refused, Left, Said, InDialogue, Reloaded string
		Account                                   map[string]any
		Out                                       int
		Kept                                      struct {
			Local, Session, Databases int
			Cookies                   string
		}
	}
	run(t, "password.mjs", serve(t), &got)
	if got.Refused != "The credentials are not right." || got.Left != "" {
		t.Errorf("a wrong password is answered with %q, and %q is left in its field", got.Refused, got.Left)
	}
	if got.Said != "Signed in as ada@example.com" || got.InDialogue != "Signed in as ada@example.com." {
		t.Errorf("signed in, the page says %q and the dialogue %q", got.Said, got.InDialogue)
	}
	if got.Account["email"] != "ada@example.com" {
		t.Errorf("the page shows the account %v", got.Account)
	}
	if got.Out != 401 {
		t.Errorf("after the sign-in was removed: status %d", got.Out)
	}
	if got.Kept.Local != 0 || got.Kept.Session != 0 || got.Kept.Databases != 0 || got.Kept.Cookies != "" || got.Reloaded != "" {
		t.Errorf("the browser keeps %+v, and a reload says %q; want nothing", got.Kept, got.Reloaded)
	}
}

func TestSignInIsRenewedUntilItEnds(t *testing.T) {
	var got struct {
		Renewed, Changed, Ended int
		WithFirst               bool
		Renewals                []int
		Said                    string
	}
	run(t, "expiry.mjs", serve(t, "--access-ttl", "1s"), &got)
	if got.Renewed != 200 || got.WithFirst {
		t.Errorf("with a token that has expired: status %d, and the first token was sent: %v; want 200 with a new one", got.Renewed, got.WithFirst)
	}
	if got.Changed != 204 || got.Ended != 401 || !slices.Equal(got.Renewals, []int{200, 400}) {
		t.Errorf("password changed with %d; after that status %d; renewals %v; want 204, 401, [200 400]", got.Changed, got.Ended, got.Renewals)
	}
	if !strings.HasPrefix(got.Said, "Your sign-in has ended. ") || !strings.HasSuffix(got.Said, " Sign in again.") {
		t.Errorf("when the session has ended, the page says %q", got.Said)
	}
}

func TestServiceAsksWithBasic(t *testing.T) {
	var got struct {
		Without, Wrong, Right int
		Active, Own           bool
	}
	s := serve(t)
	secret := strings.TrimSpace(s.command("client", "add", "billing", "--scope", "introspect", "--data", s.data))
	run(t, "service.mjs", s, &got, "JETON_CLIENT=billing", "JETON_CLIENT_SECRET="+secret)
	if got.Without != 401 || got.Wrong != 401 || got.Right != 200 || !got.Active || !got.Own {
		t.Errorf("%+v, want 401 without credentials and with wrong ones, and then what the token is worth", got)
	}
}

func TestEveryOperationIsTriedOut(t *testing.T) {
	var got struct {
		Operations, Shown int
		Tried             map[string]struct {
			Status    int
			Described bool
		}
		Linked map[string]string
	}
	run(t, "operations.mjs", serve(t), &got)
	if got.Operations < 10 || got.Shown != got.Operations || len(got.Tried) != got.Operations {
		t.Errorf("%d operations, %d shown, %d tried", got.Operations, got.Shown, len(got.Tried))
	}
	for name, answer := range got.Tried {
		if !answer.Described || answer.Status >= 500 || answer.Status == 415 || answer.Status == 422 {
			t.Errorf("%s, as the page proposes it, is answered with %d (described: %v)", name, answer.Status, answer.Described)
		}
	}
	for _, name := range []string{"POST /auth/login", "GET /auth/me", "GET /auth/sessions", "GET /.well-known/jwks.json"} {
		if got.Tried[name].Status != 200 {
			t.Errorf("%s, as the page proposes it, is answered with %d, want 200", name, got.Tried[name].Status)
		}
	}
	if len(got.Linked) == 0 {
		t.Error("no operation has a link")
	}
	for name, opened := range got.Linked {
		if opened != name {
			t.Errorf("the link to %s opens %q after a reload", name, opened)
		}
	}
}

func TestPagesFit(t *testing.T) {
	var got map[string]struct{ Wide []string }
	run(t, "pages.mjs", serve(t), &got)
	for name, page := range got {
		if len(page.Wide) > 0 {
			t.Errorf("%s: sticking out to the right: %v", name, page.Wide)
		}
	}
	if len(got) < 16 {
		t.Errorf("%d pages", len(got))
	}
}

// run runs a script over a server, decodes its result, and fails if a page asked another machine for anything, or had an error.
func run(t *testing.T, script string, s *server, result any, variables ...string) {
	t.Helper()
	node, chromium := browser(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, node, script)
	command.WaitDelay = 10 * time.Second
	command.Env = append(os.Environ(), "JETON_URL="+s.url, "CHROMIUM="+chromium, "TMPDIR="+t.TempDir())
	command.Env = append(command.Env, variables...)
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, &problems)
	}
	report := struct {
		Result             any
		Requests, Problems []string
	}{Result: result}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%s printed %q: %v", script, out, err)
	}
	for _, problem := range report.Problems {
		t.Errorf("%s: the browser says: %s", script, problem)
	}
	if elsewhere := slices.DeleteFunc(report.Requests, s.owns); len(elsewhere) > 0 {
		t.Errorf("%s: asked for from elsewhere: %v", script, elsewhere)
	}
}

// browser returns the programs node and chromium. Without them, or without the library, the test is left out; not where nothing may be.
func browser(t *testing.T) (node, chromium string) {
	t.Helper()
	leaveOut := t.Skipf
	if os.Getenv("JETON_TEST_COMPLETE") == "1" {
		leaveOut = t.Fatalf
	}
	node, err := exec.LookPath("node")
	if err != nil {
		leaveOut("no Node.js: %v", err)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if chromium, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if chromium == "" {
		leaveOut("no Chromium: %v", err)
	}
	if _, err := os.Stat("node_modules/.package-lock.json"); err != nil {
		leaveOut("the library is not there; run `npm ci` in test/browser: %v", err)
	}
	return node, chromium
}
