package userfile

import (
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/strictjson"
)

// setText sets what a column of CSV says of u. An empty value says nothing.
func setText(u *jeton.ImportedUser, column, text string) *jeton.FieldError {
	switch column {
	case "roles":
		u.Roles = splitRoles(text)
		return nil
	case "disabled":
		disabled, ok := truths[text]
		if u.Disabled = disabled; !ok {
			return refuse(column, "must be true or false, t or f, 1 or 0, or empty")
		}
		return nil
	}
	return setString(u, column, text)
}

// truths are the ways in which databases write true and false.
var truths = map[string]bool{
	"": false, "false": false, "f": false, "0": false, "FALSE": false, "False": false,
	"true": true, "t": true, "1": true, "TRUE": true, "True": true,
}

// splitRoles reads roles with semicolons between them.
func splitRoles(text string) (roles []string) {
	if text == "" {
		return nil
	}
	for role := range strings.SplitSeq(text, ";") {
		roles = append(roles, strings.TrimSpace(role))
	}
	return roles
}

// setJSON sets what a member of a JSON object says of u. null says nothing.
func setJSON(u *jeton.ImportedUser, name, value string) *jeton.FieldError {
	if value == "null" {
		return nil
	}
	switch name {
	case "roles":
		roles, err := strictjson.Strings(value)
		if err != nil || value[0] != '[' {
			return refuse(name, "must be an array of strings")
		}
		u.Roles = roles
		return nil
	case "disabled":
		if u.Disabled = value == "true"; !u.Disabled && value != "false" {
			return refuse(name, "must be true or false")
		}
		return nil
	}
	text, err := strictjson.String(value)
	if err != nil {
		return refuse(name, "must be a string")
	}
	return setString(u, name, text)
}

func setString(u *jeton.ImportedUser, name, text string) *jeton.FieldError {
	switch name {
	case "email":
		u.Email = text
	case "name":
		u.Name = text
	case "password_hash":
		u.PasswordHash = text
	case "id":
		u.ID = text
	case "created_at":
		at, ok := parseTime(text)
		if u.CreatedAt = at; !ok {
			return refuse(name, "must be a time with its zone, such as 2024-05-06T07:08:09Z")
		}
	}
	return nil
}

// parseTime reads a time of RFC 3339, with a space in place of the T if need be, and perhaps without the minutes of the zone, as
// PostgreSQL writes them. Nothing is no time.
func parseTime(text string) (at time.Time, ok bool) {
	if text == "" {
		return time.Time{}, true
	}
	text = strings.Replace(text, " ", "T", 1)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z07"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

func refuse(field, text string) *jeton.FieldError {
	p := problem(field, "%s", text)
	return &p
}
