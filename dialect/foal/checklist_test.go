package foal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documented are the items that CHECKLIST.md must have, by the names that @foal/jwt and jsonwebtoken give them.
var documented = []string{
	"JWTRequired", "JWTOptional", "getSecretOrPrivateKey", "getSecretOrPublicKey", "setAuthCookie", "removeAuthCookie", "InvalidTokenError",
	"isInvalidTokenError", "isInFile", "getRSAPublicKeyFromJWKS",
	"secretOrPublicKey", "blackList", "cookie", "csrf", "user", "userIdType", "openapi",
	"algorithms", "audience", "complete", "issuer", "jwtid", "ignoreExpiration", "ignoreNotBefore", "subject", "clockTolerance", "maxAge",
	"clockTimestamp", "nonce", "allowInvalidAsymmetricKeyTypes",
	"settings.jwt.secretOrPublicKey", "settings.jwt.secret", "settings.jwt.secretEncoding", "settings.jwt.publicKey", "settings.jwt.privateKey",
	"settings.jwt.cookieName", "settings.jwt.cookie.name", "settings.jwt.cookie.domain", "settings.jwt.cookie.httpOnly", "settings.jwt.cookie.path",
	"settings.jwt.cookie.sameSite", "settings.jwt.cookie.secure", "settings.jwt.csrf.enabled", "settings.jwt.csrf.cookie.name",
	"SETTINGS_JWT_SECRET_OR_PUBLIC_KEY", "SETTINGS_JWT_COOKIE_NAME",
	"Authorization header not found.", "Auth cookie not found.", "Expected a bearer token. Scheme is Authorization: Bearer <token>.",
	"jwt revoked", "jwt malformed", "jwt signature", "jwt expired", "jwt audience invalid. expected: xxx", "jwt issuer invalid. expected: xxx",
	"The token must include a subject which is the id of the user.", "The token subject does not match any user.", "CSRF token missing or incorrect.",
	"WWW-Authenticate", "invalid signature", "invalid token", "invalid algorithm", "jwt signature is required", "jwt not active",
	"invalid exp value", "invalid nbf value", "jwt subject invalid. expected: xxx", "jwt jwtid invalid. expected: xxx",
	"jwt nonce invalid. expected: xxx", "maxAge exceeded", "iat required when maxAge is specified",
}

var (
	quoted   = regexp.MustCompile("`([^`]+)`")
	testName = regexp.MustCompile(`^(Test|Example|Fuzz)[A-Z]`)
)

func TestChecklist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("CHECKLIST.md")
	if err != nil {
		t.Fatal(err)
	}
	exists := tests(t)
	var items []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || line == "| item | test or difference |" {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 2 || strings.TrimSpace(cells[0]) == "" {
			t.Errorf("not an item and an answer: %s", line)
			continue
		}
		for _, name := range quoted.FindAllStringSubmatch(cells[0], -1) {
			items = append(items, name[1])
		}
		for _, problem := range answerProblems(cells[1], exists) {
			t.Errorf("%s: %s", strings.TrimSpace(cells[0]), problem)
		}
	}
	for _, name := range documented {
		if !slices.Contains(items, name) {
			t.Errorf("no row for %s", name)
		}
	}
}

// answerProblems says what is wrong with the second column: it has a test that exists, or a difference with a reason.
func answerProblems(cell string, exists map[string]bool) (problems []string) {
	_, difference, found := strings.Cut(cell, "Difference: ")
	answered := found && len(difference) > len("not applicable.")
	for _, name := range quoted.FindAllStringSubmatch(cell, -1) {
		switch {
		case !testName.MatchString(name[1]):
		case exists[name[1]]:
			answered = true
		default:
			problems = append(problems, "there is no "+name[1])
		}
	}
	if !answered {
		problems = append(problems, "neither a test nor a difference")
	}
	return problems
}

func TestChecklistProblemsAreFound(t *testing.T) {
	t.Parallel()
	exists := map[string]bool{"TestTable": true}
	for cell, want := range map[string]int{
		"": 1, " ": 1, "Difference: ": 1, "none": 1, "`TestNothing`": 2, "`TestTable`, `TestNothing`": 1, "`TestTable`": 0,
		"Difference: not applicable, for a reason.": 0, "`TestTable`. Difference: stricter, for a reason.": 0,
	} {
		if got := answerProblems(cell, exists); len(got) != want {
			t.Errorf("%q: %q, want %d problems", cell, got, want)
		}
	}
}

// tests returns the names of the tests, examples and fuzz targets of this package, and of the one with what dialects share.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	shared, err := filepath.Glob(filepath.Join("..", "internal", "jsonwebtoken", "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range slices.Concat(files, shared) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv == nil && testName.MatchString(function.Name.Name) {
				names[function.Name.Name] = true
			}
		}
	}
	return names
}
