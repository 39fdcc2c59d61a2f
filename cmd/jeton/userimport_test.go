package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/server"
	"github.com/jetonauth/jeton/internal/userfile"
)

const importedPassword = "correct horse battery staple"

// importedHashes are of importedPassword: of htpasswd, mkpasswd, Passlib, the argon2 program, Python's hashlib, PHP, Django and Werkzeug.
var importedHashes = map[string]string{
	"2a":               "$2a$05$Rq8zBicujy1OGPns3sTKnOpSlIlS/7PgiTywrma0mt9OVPulwfJLK",
	"2b":               "$2b$04$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6",
	"2y":               "$2y$04$xkt07IxQWvqpOA.LsV/af.r6jaSwR9bCVQHs3.emogcl7.bG1y27W",
	"argon2id":         "$argon2id$v=19$m=256,t=3,p=4$c29tZXNhbHQwMTIzNDU2Nw$M45hTcRW7IEvls+txmiODweUvxqTSwit",
	"argon2i":          "$argon2i$v=19$m=64,t=3,p=2$c29tZXNhbHQ$CbzQ1QonTNWQUQFBHA8SMVhwaIy8taCDc+Zn+ZDsWco",
	"scrypt":           "$scrypt$ln=10,r=8,p=2$AAECAwQFBgcICQoLDA0ODw$wk79EttC618m617oirShLZuxJkXcX6rXHrrS9rQQ/44",
	"pbkdf2-sha1":      "$pbkdf2$1200$jvHe27s3xlhrrfXeuzfGeA$yxyTZ.8KCB8ALqudyToFlCV320U",
	"pbkdf2-sha256":    "$pbkdf2-sha256$1200$JGSMsfb.//./F4KQslYqxQ$xM8YdxlM0S8dc/EiF.262.q8irA0S7WijSVmu.hZToY",
	"pbkdf2-sha512":    "$pbkdf2-sha512$1200$vveeU0pJKeUcA4CwVkqpdQ$Z1WT5.OlbepkId.2s7ZBKE6xqIbc3f55RaOugWsJ9ZXjg6v0m1Puj0K/g5M29CQSOLecaZBS5uBkyrwXprYs6A",
	"django":           "pbkdf2_sha256$1000$saltsaltsalt$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm+aXnClyg=",
	"django-argon2":    "argon2$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$1NERK55/zwTCZpN+veO//w",
	"django-bcrypt":    "bcrypt$$2b$04$3aVf7KUUMc92aDcUzPsfF.M0kRfbujfE7PoBfKvnBEqGvEVjODWce",
	"werkzeug":         "pbkdf2:sha256:1000$nXMrvUES8cGpJZtS$0795760ae8811c5077444691ef8488f44ce8c7287a98352881a971504c291028",
	"werkzeug-scrypt":  "scrypt:1024:8:1$saltsaltsaltsalt$6c75e88e4b38b26d6e307e020f0f4470b67f9aec8bc5b61873dc46cef3409ee42c82d3731b627777d18bfb54be24d3d251c63ecb5abaad67a0d03e9d3d680815",
	"today, other tag": "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQwMTIzNDU2Nw$TCGkyEIb1oP5PkskxJEooy8qzHEScFQZam0/hwasFDQ",
}

func emailOf(name string) string {
	return strings.NewReplacer(" ", "-", ",", "").Replace(name) + "@example.com"
}

// importFile writes CSV with these rows below a header.
func importFile(t *testing.T, header string, rows ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.csv")
	if err := os.WriteFile(path, []byte(header+"\n"+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// manyUsersForLong is a file whose import takes some seconds, with the race detector, too.
func manyUsersForLong(t *testing.T) string {
	t.Helper()
	if withRace {
		return manyUsers(t, 30_000)
	}
	return manyUsers(t, 100_000)
}

// manyUsers writes a file of n accounts without passwords, of which the first has one.
func manyUsers(t *testing.T, n int) string {
	t.Helper()
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf("user%d@example.com,User %d,member,", i, i)
	}
	rows[0] = "user0@example.com,First,," + importedHashes["2b"]
	return importFile(t, "email,name,roles,password_hash", rows...)
}

// TestImportedUsersSignIn imports one account for each kind of hash beside a running server, and signs in there with the old password.
func TestImportedUsersSignIn(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	p := launch(t, "--data", data, "--limits", "off")
	defer p.kill()
	var rows []string
	for name, hash := range importedHashes {
		rows = append(rows, fmt.Sprintf("%s,%s,%q", emailOf(name), "clerk;"+strings.ReplaceAll(emailOf(name), "@", "-"), hash))
	}
	rows = append(rows, "disabled@example.com,,"+importedHashes["2b"])
	file := importFile(t, "email,roles,password_hash", rows[:len(rows)-1]...)
	out := p.beside(data, "", "user", "import", file)
	if want := fmt.Sprintf("imported %d accounts (", len(importedHashes)); !strings.HasPrefix(out, want) {
		t.Errorf("%q, want %q", out, want)
	}
	p.beside(data, `{"email":"disabled@example.com","disabled":true,"password_hash":"`+importedHashes["2b"]+`"}`,
		"user", "import", "-", "--format", "jsonl")

	signIn := func(email, password string) (int, map[string]any) {
		status, text := p.post("/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
		return status, decode(t, text)
	}
	for name := range importedHashes {
		if status, _ := signIn(emailOf(name), importedPassword+"x"); status != http.StatusUnauthorized {
			t.Errorf("%s: a wrong password has the status %d", name, status)
		}
		for _, when := range []string{"first", "again"} {
			status, answer := signIn(emailOf(name), importedPassword)
			if status != http.StatusOK {
				t.Errorf("%s: the old password, %s: %d", name, when, status)
				continue
			}
			token, _ := answer["access_token"].(string)
			if roles, _ := claims(t, token)["roles"].([]any); len(roles) != 2 || roles[0] != "clerk" {
				t.Errorf("%s: the roles are %v", name, roles)
			}
		}
	}
	for _, email := range []string{"disabled@example.com", "nobody@example.com"} {
		if status, _ := signIn(email, importedPassword); status != http.StatusUnauthorized {
			t.Errorf("%s: status %d", email, status)
		}
	}
	checkUpgraded(t, data)
}

// checkUpgraded fails the test unless every account that has signed in has a hash of today's.
func checkUpgraded(t *testing.T, data string) {
	t.Helper()
	service := openData(t, data)
	for name, old := range importedHashes {
		u, err := service.Auth().AccountByEmail(t.Context(), emailOf(name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if today := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(u.PasswordHash, today) || u.PasswordHash == old && !strings.HasPrefix(old, today) {
			t.Errorf("%s: the hash is %.40s", name, u.PasswordHash)
		}
		if !u.PasswordChangedAt.Equal(u.CreatedAt) {
			t.Errorf("%s: an upgrade counts as a change: %v", name, u.PasswordChangedAt)
		}
	}
	u, err := service.Auth().AccountByEmail(t.Context(), "disabled@example.com")
	if err != nil || u.PasswordHash != importedHashes["2b"] {
		t.Errorf("the account that has not signed in has the hash %.40s, %v", u.PasswordHash, err)
	}
}

func openData(t *testing.T, data string) *server.Service {
	t.Helper()
	service, err := server.OpenService(t.Context(), server.Config{
		Listen: "127.0.0.1:0", Data: data, MustExist: true, AccessTTL: jeton.DefaultAccessTTL, Logger: testLogger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close() })
	return service
}

// countAccounts counts those in a data directory.
func countAccounts(t *testing.T, data string) (n int) {
	t.Helper()
	for page, err := range userPages(t.Context(), openData(t, data).Auth()) {
		if err != nil {
			t.Fatal(err)
		}
		n += len(page)
	}
	return n
}

// TestNoHashIsPrinted imports what is good and what is not with the log at its most talkative.
func TestNoHashIsPrinted(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	good := []string{"ada@example.com," + importedHashes["2b"], "bob@example.com," + importedHashes["django"]}
	bad := []string{"c@example.com,$2b$99$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6", "d@example.com,hunter2hunter2"}
	report := filepath.Join(t.TempDir(), "report.csv")
	all := ""
	for _, args := range [][]string{
		{importFile(t, "email,password_hash", append(bad, good...)...), "--report", report},
		{importFile(t, "email,password_hash", bad...), "--json"},
		{importFile(t, "email,password_hash", good...), "--json"},
		{importFile(t, "email,password_hash", good...)},
		{importFile(t, "password_hash,email", "$2b$04$gYhZqZu4RZfSffpPrAW1a")},
	} {
		out, errs, _ := typed(t, data, "", append([]string{"user", "import", "--log-level", "debug"}, args...)...)
		all += out + errs
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(report); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the report has the mode %v, %v", info.Mode(), err)
	}
	all += string(text)
	if !strings.Contains(all, "users_imported") || !strings.Contains(all, "2 accounts") {
		t.Errorf("the import is not audited:\n%s", all)
	}
	for _, secret := range []string{"gYhZqZu4", "KQDle8SX", "saltsalt", "hunter2"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is printed:\n%s", secret, all)
		}
	}
}

// TestStandardInputIsKeptNowhere: the copy of what can be read only once has no name.
func TestStandardInputIsKeptNowhere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there the copy has a name until the end")
	}
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	in, feed := io.Pipe()
	a := testApp(io.Discard, io.Discard)
	a.in, a.environ = in, []string{"JETON_DATA=" + filepath.Join(t.TempDir(), "data")}
	done := make(chan int, 1)
	go func() { done <- run(t.Context(), []string{"user", "import", "-", "--format", "csv"}, a) }()
	if _, err := io.WriteString(feed, "email\n"); err != nil { // when it has been read, the copy is there
		t.Fatal(err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	feed.Close()
	if status := <-done; status != statusGood {
		t.Errorf("status %d", status)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestImportFromAPipe reads a file that can be read only once, and one that never ends until the import is interrupted.
func TestImportFromAPipe(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	in, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	var errs bytes.Buffer
	a := testApp(io.Discard, &errs)
	a.in, a.environ = in, []string{"JETON_DATA=" + data}
	done := make(chan int, 1)
	go func() { done <- run(ctx, []string{"user", "import", "-", "--format", "csv"}, a) }()
	cancel()
	select {
	case status := <-done:
		if status != statusFailed || !strings.Contains(errs.String(), "interrupted; nothing was imported") {
			t.Errorf("status %d, %s", status, &errs)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it reads on")
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a data directory was made")
	}
}

// TestAReportThatCannotBeWritten stops the import: who asks for a report wants to read it.
func TestAReportThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	report, err := newImportReport(importOptions{report: filepath.Join(t.TempDir(), "r.csv"), format: userfile.CSV})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := report.close(nil); err == nil || !strings.Contains(err.Error(), "--report "+report.path+": ") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(report.path); err == nil {
		t.Error("a report is left")
	}
	for _, line := range []string{"user import " + importFile(t, "email", "x@example.com"), "user import " + importFile(t, "email", "y@example.com") + " --json"} {
		var errs bytes.Buffer
		a := testApp(failing{}, &errs)
		a.environ = []string{"JETON_DATA=" + filepath.Join(t.TempDir(), "data")}
		if status := run(t.Context(), strings.Fields(line), a); status != statusFailed || !strings.Contains(errs.String(), errBroken.Error()) {
			t.Errorf("jeton %s: status %d, %q", line, status, &errs)
		}
	}
}

func TestManyRefusalsAreCut(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	rows := slices.Repeat([]string{"nonsense"}, keptRefusals+500)
	file := importFile(t, "email", rows...)
	_, errs, status := typed(t, data, "", "user", "import", file)
	lines := strings.Split(strings.TrimSpace(errs), "\n")
	if status != statusFailed || len(lines) != shownRefusals+2 || !strings.HasSuffix(lines[shownRefusals], "there is more; --report FILE lists all") {
		t.Errorf("status %d, %d lines: %s", status, len(lines), errs)
	}
	out, _, _ := typed(t, data, "", "user", "import", file, "--json")
	if s := read[importSummary](t, out); len(s.Refusals) != keptRefusals || s.Refused != keptRefusals+500 {
		t.Errorf("%d of %d refusals", len(s.Refusals), s.Refused)
	}
	report := filepath.Join(t.TempDir(), "r.csv")
	typed(t, data, "", "user", "import", file, "--report", report)
	text, err := os.ReadFile(report)
	if n := strings.Count(string(text), "\n"); err != nil || n != keptRefusals+501 {
		t.Errorf("%d lines, %v", n, err)
	}
}

// TestTheGuideCanBeFollowed imports the rows that docs/import.md shows, and signs in with what they are of.
func TestTheGuideCanBeFollowed(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "import.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[userfile.Format][]string{}
	format := userfile.Format("")
	for line := range strings.Lines(string(guide)) {
		row, indented := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "    ")
		switch {
		case !indented:
			format = ""
		case strings.HasPrefix(row, "email,"):
			format = userfile.CSV
		case strings.HasPrefix(row, `{"email"`):
			format = userfile.JSONL
		}
		if format != "" {
			blocks[format] = append(blocks[format], row)
		}
	}
	data := filepath.Join(t.TempDir(), "data")
	for format, rows := range blocks {
		out := succeeds(t, data, strings.Join(rows, "\n"), "user", "import", "-", "--format", string(format))
		if !strings.HasPrefix(out, "imported 2 accounts (1 with ") {
			t.Errorf("%s: %s", format, out)
		}
	}
	auth := openData(t, data).Auth()
	for email, want := range map[string]string{"ada@example.com": "2019-05-06", "bob@example.com": "", "grace@example.com": "", "hedy@example.com": "2019-05-06"} {
		u, err := auth.AccountByEmail(t.Context(), email)
		if err != nil || want != "" && u.CreatedAt.Format(time.DateOnly) != want {
			t.Errorf("%s: %v, %v", email, u, err)
		}
	}
	credentials := &jeton.Credentials{Email: "grace@example.com", Password: importedPassword}
	if _, err := auth.SignIn(t.Context(), jeton.SignInRequest{Credentials: credentials}); err != nil {
		t.Errorf("grace signs in: %v", err)
	}
	for _, column := range userfile.Columns() {
		if !strings.Contains(string(guide), "| `"+column+"` |") {
			t.Errorf("the guide does not say what %s is", column)
		}
	}
}
