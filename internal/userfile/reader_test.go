package userfile_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/userfile"
)

// readAll reads a file to its end.
func readAll(text string, format userfile.Format) (rows []userfile.Row, err error) {
	r, err := userfile.NewReader(strings.NewReader(text), format)
	if err != nil {
		return nil, err
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	ada := jeton.ImportedUser{
		ID: "42", Email: "Ada@example.com", Name: "Ada, Countess", Roles: []string{"admin", "editor"}, PasswordHash: "$2b$10$x",
		CreatedAt: time.Date(2024, time.May, 6, 5, 8, 9, 0, time.UTC), Disabled: true,
	}
	bob := jeton.ImportedUser{Email: "bob@example.com"}
	for name, test := range map[string]struct {
		format userfile.Format
		text   string
	}{
		"CSV": {userfile.CSV, "id,email,name,roles,password_hash,created_at,disabled\n" +
			"42,Ada@example.com,\"Ada, Countess\",admin;editor,$2b$10$x,2024-05-06T07:08:09+02:00,true\n" +
			",bob@example.com,,,,,\n"},
		"CSV with a mark, CRLF, blank lines and no end": {userfile.CSV, "\xEF\xBB\xBFemail,disabled,created_at,id,name,roles,password_hash\r\n" +
			"\r\n\"Ada@example.com\",t,2024-05-06 05:08:09+00,42,\"Ada, Countess\",\"admin; editor\",$2b$10$x\r\n\r\n" +
			"bob@example.com,f,,,\"\",,"},
		"JSON lines": {userfile.JSONL, `{"id":"42","email":"Ada@example.com","name":"Ada, Countess","roles":["admin","editor"],` +
			`"password_hash":"$2b$10$x","created_at":"2024-05-06T07:08:09+02:00","disabled":true}` + "\n" + `{"email":"bob@example.com"}` + "\n"},
		"JSON lines with a mark, CRLF, blank lines and no end": {userfile.JSONL, "\xEF\xBB\xBF \r\n" +
			` { "disabled" : true, "roles": [ "admin" , "editor" ], "id":"42","email":"\u0041da@example.com","name":"Ada, Countess",` +
			`"password_hash":"$2b$10$x","created_at":"2024-05-06T05:08:09.000Z"} ` + "\r\n\r\n" +
			`{"email":"bob@example.com","name":null,"roles":null,"disabled":false,"id":null,"created_at":null,"password_hash":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := readAll(test.text, test.format)
			if err != nil || len(rows) != 2 {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			for i, want := range []jeton.ImportedUser{ada, bob} {
				if got := rows[i].User; !reflect.DeepEqual(got, want) || rows[i].Problems != nil || rows[i].Broken {
					t.Errorf("row %d: %#v (%v, %q), want %v", i, struct{ jeton.ImportedUser }{got}, rows[i].Problems, got.Name, want)
				}
			}
		})
	}
}

// says joins what is wrong with a row.
func says(row userfile.Row) string {
	parts := []string{fmt.Sprint(row.Line)}
	if row.Broken {
		parts = append(parts, "broken")
	}
	for _, p := range row.Problems {
		parts = append(parts, strings.TrimPrefix(p.Pointer, "/")+" "+p.Message)
	}
	return strings.Join(parts, ": ")
}

func TestRowsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", userfile.MaxRow)
	for name, test := range map[string]struct {
		format userfile.Format
		text   string
		want   []string
	}{
		"CSV": {userfile.CSV, "email,name,disabled,created_at\n" +
			"a@x.org,A\n" +
			"a@x.org,A,,,\n" +
			"a@x.org,A \"B\",,\n" +
			"a@x.org,\"A\" B,,\n" +
			"a@x.org,A\xff,,\n" +
			"a@x.org,A\xff,\n" +
			"a@x.org,A,yes,yesterday\n" +
			"a@x.org,A,,2024-05-06 07:08:09\n" +
			"a@x.org,A,,1714979289\n" +
			"a@x.org,\"A\n\nB\",,2024-05-06T07:08:09.25Z\n" +
			"a@x.org," + long + ",,\n" +
			"a@x.org,A,,\n", []string{
			"2: broken:  has 2 values, and there are 4 columns",
			"3: broken:  has 5 values, and there are 4 columns",
			"4: broken:  value 2 has a quote and does not begin with one",
			"5: broken:  something follows the closing quote of value 2",
			"6:  byte 10 of line 6 is not UTF-8",
			"7: broken:  byte 10 of line 7 is not UTF-8",
			"8: disabled must be true or false, t or f, 1 or 0, or empty: created_at must be a time with its zone, such as 2024-05-06T07:08:09Z",
			"9: created_at must be a time with its zone, such as 2024-05-06T07:08:09Z",
			"10: created_at must be a time with its zone, such as 2024-05-06T07:08:09Z",
			"11",
			"14: broken:  is longer than 65536 bytes",
			"15",
		}},
		"JSON lines": {userfile.JSONL, `{"email":"a@x.org"` + "\n" +
			`"email"` + "\n" +
			`{"email":"a@x.org"} {"email":"b@x.org"}` + "\n" +
			`{"email":"a@x.org","email":"b@x.org"}` + "\n" +
			`{"email":"a@x.org","e-mail":"b@x.org","Roles":[],"password":"x"}` + "\n" +
			`{"email":7,"roles":"admin","disabled":"true","name":["A"],"created_at":1714979289,"id":7,"password_hash":{}}` + "\n" +
			`{"email":"a@x.org","roles":["admin",null]}` + "\n" +
			`{"email":"a@x.org","created_at":"2024-05-06"}` + "\n" +
			"{\"email\":\"a\xff@x.org\"}\n" +
			`{"email":"a@x.org","name":"\ud800"}` + "\n" +
			`{"email":"` + long + `"}` + "\n" +
			`{"email":"a@x.org"}`, []string{
			"1:  JSON ends too early",
			"2:  not a JSON object",
			"3:  something follows the JSON object at byte 20",
			`4:  duplicate member "email"`,
			`5:  unknown member "e-mail"; did you mean "email"?:  unknown member "Roles"; did you mean "roles"?:  unknown member "password"; ` +
				`there are email, name, roles, password_hash, created_at, disabled, id`,
			"6: email must be a string: roles must be an array of strings: disabled must be true or false: name must be a string: " +
				"created_at must be a string: id must be a string: password_hash must be a string",
			"7: roles must be an array of strings",
			"8: created_at must be a time with its zone, such as 2024-05-06T07:08:09Z",
			"9:  byte 12 of line 9 is not UTF-8",
			"10:  lone surrogate in a JSON string before byte 33",
			"11:  is longer than 65536 bytes",
			"12",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := readAll(test.text, test.format)
			if err != nil || len(rows) != len(test.want) {
				t.Fatalf("%d rows, want %d; %v", len(rows), len(test.want), err)
			}
			for i, want := range test.want {
				if got := says(rows[i]); got != want {
					t.Errorf("%s\nwant %s", got, want)
				}
			}
		})
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              "userfile: it is empty; want a row that names the columns",
		"\n\n":                          "userfile: it is empty; want a row that names the columns",
		"email,e-mail\n":                `userfile: line 1: unknown column "e-mail"; did you mean "email"?`,
		"\nemail,naem\n":                `userfile: line 2: unknown column "naem"; did you mean "name"?`,
		"Email\n":                       `userfile: line 1: unknown column "Email"; did you mean "email"?`,
		"email,encrypted_password\n":    `userfile: line 1: unknown column "encrypted_password"; there are email, name, roles, password_hash, created_at, disabled, id`,
		"email,name,email\n":            `userfile: line 1: there are two columns "email"`,
		"email,name,\n":                 "userfile: line 1: column 3 has no name",
		"name\n":                        `userfile: line 1: there is no column "email"`,
		"email;name\n":                  `userfile: line 1: unknown column "email;name"; want commas between the columns`,
		"email,\"name\n":                "userfile: line 1: a quote is opened and never closed",
		"email,na\"me\n":                "userfile: line 1: in the row that names the columns, value 2 has a quote and does not begin with one",
		"email,na\xffme\n":              "userfile: line 1: in the row that names the columns, byte 9 of line 1 is not UTF-8",
		strings.Repeat("x", 70000):      "userfile: line 1: the row that names the columns is longer than 65536 bytes",
		"\xFF\xFEe\x00m\x00":            "userfile: it is UTF-16; want UTF-8",
		"\x1F\x8B\x08\x00":              "userfile: it is compressed by gzip; want the text",
		"email\na@x.org\n\"b@x.org\n\n": "userfile: line 3: a quote is opened and never closed",
		"email,name\n\"" + strings.Repeat("x\n", 40000) + "\",": "userfile: line 2: a quote is not closed within 65536 bytes",
		"email,name\n\"x\n" + strings.Repeat("x", 70000):        "userfile: line 2: a quote is opened and never closed",
	} {
		_, err := readAll(text, userfile.CSV)
		if _, ok := errors.AsType[*userfile.FileError](err); !ok || err.Error() != want {
			t.Errorf("%.40q: %v\nwant %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"[{\"email\":\"a@x.org\"}]": "userfile: it is a JSON array; want one object in each line, as jq -c '.[]' makes it",
		"\xFE\xFF\x00{":             "userfile: it is UTF-16; want UTF-8",
	} {
		if _, err := readAll(text, userfile.JSONL); err == nil || err.Error() != want {
			t.Errorf("%.40q: %v\nwant %s", text, err, want)
		}
	}
	if rows, err := readAll("", userfile.JSONL); err != nil || len(rows) != 0 {
		t.Errorf("nothing: %d rows, %v", len(rows), err)
	}
	if _, err := readAll("", "xml"); err == nil || err.Error() != `userfile: unknown format "xml"` {
		t.Errorf("an unknown format: %v", err)
	}
}

// TestErrorsOfTheReaderBelow: a disk that fails is not the end of the file.
func TestErrorsOfTheReaderBelow(t *testing.T) {
	t.Parallel()
	broken := errors.New("input/output error")
	for _, text := range []string{"", "em", "email,name\n", "email,name\na@x.org,", "email,name\na@x.org,\"A", "email,name\n" + strings.Repeat("x", 70000)} {
		r, err := userfile.NewReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), userfile.CSV)
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, broken) {
			t.Errorf("after %.20q: %v", text, err)
		}
	}
	r, err := userfile.NewReader(io.MultiReader(strings.NewReader(`{"email":"a@x.org"}`+"\n{"), iotest.ErrReader(broken)), userfile.JSONL)
	for err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, broken) {
		t.Errorf("JSON lines: %v", err)
	}
}

func FuzzReader(f *testing.F) {
	for _, text := range []string{
		"email,name\nada@example.com,\"A \"\"B\"\"\nC\"\n", "email\n\n\"\"\n\"a\"b\n", "\xEF\xBB\xBFemail\r\na\r\n", "email,name\n\",\"",
		`{"email":"a@x.org","roles":["b"]}`, "[]", "\xFF\xFE", "email\n\"a\n", "email,roles,disabled,created_at,id\na,;;,t,2024-05-06 07:08:09+00,\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range []userfile.Format{userfile.CSV, userfile.JSONL} {
			rows, err := readAll(text, format)
			if _, ok := errors.AsType[*userfile.FileError](err); err != nil && !ok {
				t.Fatalf("%s: %v", format, err)
			}
			for i, row := range rows {
				if row.Line < 1 || i > 0 && row.Line <= rows[i-1].Line || row.Broken && len(row.Problems) == 0 {
					t.Fatalf("%s: row %d is %+v", format, i, row)
				}
			}
			if format == userfile.CSV && err == nil {
				compare(t, text, rows)
			}
		}
	})
}

// compare compares with encoding/csv what both can read.
func compare(t *testing.T, text string, rows []userfile.Row) {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\xEF\xBB\xBF"))).ReadAll()
	if slices.ContainsFunc(rows, func(r userfile.Row) bool { return r.Broken }) {
		return
	}
	if err != nil || len(records) != len(rows)+1 {
		t.Fatalf("%d rows, encoding/csv says %d, %v", len(rows), len(records), err)
	}
	for i, row := range rows {
		if len(row.Problems) > 0 && row.Problems[0].Pointer == "" { // it is not UTF-8
			continue
		}
		for j, column := range records[0] {
			if column == "email" && row.User.Email != records[i+1][j] || column == "name" && row.User.Name != records[i+1][j] {
				t.Fatalf("row %d is %q, %q, encoding/csv says %q", i, row.User.Email, row.User.Name, records[i+1])
			}
		}
	}
}
