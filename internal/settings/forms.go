package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// form is what a setting may be: how its text becomes a value, and the value text again.
type form struct {
	set     func(v *Values, text string) error // the error says what is wrong and what is wanted
	text    func(v *Values) string             // in its usual form; only whether it is there, of a secret
	same    func(a, b *Values) bool
	copy    func(to, from *Values)
	want    string // what it may be
	list    bool   // elements have commas between them
	choices []string

	location bool // a [Location], which may have a password
}

// of makes a form of the values at a field.
func of[T comparable](field func(*Values) *T, want string, parse func(string) (T, error), show func(T) string) form {
	return form{
		set: func(v *Values, text string) error {
			value, err := parse(text)
			if err == nil {
				*field(v) = value
			}
			return err
		},
		text: func(v *Values) string { return show(*field(v)) },
		same: func(a, b *Values) bool { return *field(a) == *field(b) },
		copy: func(to, from *Values) { *field(to) = *field(from) },
		want: want,
	}
}

// check says whether a text will do; else what it is not, and what is wanted.
type check struct {
	want string
	bad  func(text string) (what string)
}

func (c check) parse(text string) (string, error) {
	if what := c.bad(text); what != "" {
		return "", fmt.Errorf("%s %s; want %s", quoted(text), what, c.want)
	}
	return text, nil
}

func text(field func(*Values) *string, c check) form {
	return of(field, c.want, c.parse, func(s string) string { return s })
}

//nolint:gochecknoglobals // what texts may be; nobody writes to them
var (
	checkAddress = check{"address:port, such as 127.0.0.1:8080", badAddress}
	checkPath    = check{"the name of a directory, such as ./jeton-data", badPath}
	checkIssuer  = check{"the URL under which clients reach the server, such as https://auth.example.com", badIssuer}
)

func badAddress(text string) string {
	host, port, err := net.SplitHostPort(text)
	switch {
	case err != nil:
		return "has no port"
	case strings.ContainsFunc(host, func(r rune) bool { return unicode.IsSpace(r) || r == '/' || r == '@' }):
		return "has no address"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "has no port from 0 to 65535"
	}
	return ""
}

func badPath(text string) string {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "holds a control character"
	}
	return ""
}

func badIssuer(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return "is no URL"
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return "has more than a host and a path"
	}
	return ""
}

// quoted is a text in quotes, within a line.
func quoted(text string) string { return strconv.Quote(shortened(text)) }

// shortened keeps a message within a line.
func shortened(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func duration(field func(*Values) *time.Duration, least, most time.Duration, example string) form {
	want := fmt.Sprintf("%s to %s, such as %s", shortDuration(least), shortDuration(most), example)
	return of(field, want, func(text string) (time.Duration, error) {
		d, err := time.ParseDuration(text)
		switch {
		case err != nil:
			return 0, fmt.Errorf("%s is no duration; want %s", quoted(text), want)
		case d < least:
			return 0, fmt.Errorf("%s is too short; want %s", quoted(text), want)
		case d > most:
			return 0, fmt.Errorf("%s is too long; want %s", quoted(text), want)
		}
		return d, nil
	}, shortDuration)
}

// shortDuration is 15m rather than 15m0s.
func shortDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// onOff takes YAML's own booleans, too. What YAML 1.1 makes of "on" does not matter: the text counts.
func onOff(field func(*Values) *bool) form {
	f := of(field, "on or off", func(text string) (bool, error) {
		switch strings.ToLower(text) {
		case "on", "true":
			return true, nil
		case "off", "false":
			return false, nil
		}
		return false, fmt.Errorf("%s is neither; want on or off", quoted(text))
	}, func(b bool) string {
		if b {
			return "on"
		}
		return "off"
	})
	f.choices = []string{"on", "off"}
	return f
}

func choice(field func(*Values) *string, choices ...string) form {
	want := either(choices)
	f := of(field, want, func(text string) (string, error) {
		if !slices.Contains(choices, text) {
			return "", fmt.Errorf("%s is none of them; want %s", quoted(text), want)
		}
		return text, nil
	}, func(s string) string { return s })
	f.choices = choices
	return f
}

func level(field func(*Values) *slog.Level) form {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	choices := []string{"debug", "info", "warn", "error"}
	f := of(field, either(choices), func(text string) (slog.Level, error) {
		level, ok := levels[text]
		if !ok {
			return 0, fmt.Errorf("%s is no level; want %s", quoted(text), either(choices))
		}
		return level, nil
	}, func(l slog.Level) string { return strings.ToLower(l.String()) })
	f.choices = choices
	return f
}

// either is "a, b or c".
func either(choices []string) string {
	last := len(choices) - 1
	return strings.Join(choices[:last], ", ") + " or " + choices[last]
}

// listOf makes a form of the list at a field. name is what one of its elements is.
func listOf[T comparable](field func(*Values) *[]T, name, want string, parse func(string) (T, error), show func(T) string) form {
	return form{
		set: func(v *Values, text string) error {
			all := []T{}
			for _, element := range splitList(text) {
				value, err := parse(element)
				if err != nil {
					return fmt.Errorf("%s is no %s; want %s", quoted(element), name, want)
				}
				all = append(all, value)
			}
			*field(v) = all
			return nil
		},
		text: func(v *Values) string {
			var texts []string
			for _, value := range *field(v) {
				texts = append(texts, show(value))
			}
			return strings.Join(texts, ",")
		},
		same: func(a, b *Values) bool { return slices.Equal(*field(a), *field(b)) },
		copy: func(to, from *Values) { *field(to) = slices.Clone(*field(from)) },
		want: want, list: true,
	}
}

// networks is a list of networks; an address alone is a network of one.
func networks(field func(*Values) *[]netip.Prefix) form {
	return listOf(field, "network", "networks, such as 10.0.0.0/8", parseNetwork, netip.Prefix.String)
}

// origins is a list of origins, as a browser names one (RFC 6454, section 6.2).
func origins(field func(*Values) *[]string) form {
	return listOf(field, "origin", "origins, such as https://app.example.com", parseOrigin, func(origin string) string { return origin })
}

func parseOrigin(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	if bare := (url.URL{Scheme: u.Scheme, Host: u.Host}); u.Scheme == "" || u.Host == "" || bare.String() != text {
		return "", errors.New("not a scheme and a host")
	}
	return text, nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return address.Prefix(address.BitLen())
	}
	network, err := netip.ParsePrefix(text)
	return network.Masked(), err
}

// splitList takes a list with commas apart. Nothing is a list of nothing.
func splitList(text string) []string {
	if strings.TrimSpace(text) == "" {
		return []string{}
	}
	elements := strings.Split(text, ",")
	for i, element := range elements {
		elements[i] = strings.TrimSpace(element)
	}
	return elements
}

// secret is a text that no message shows.
func secret(field func(*Values) *Secret, check func(string) error) form {
	return of(field, "hex or base64 of at least 32 random bytes", func(text string) (Secret, error) {
		if err := check(text); err != nil {
			return "", errors.New(strings.TrimPrefix(err.Error(), "jeton: "))
		}
		return Secret(text), nil
	}, Secret.String)
}
