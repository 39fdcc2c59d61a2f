package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jetonauth/jeton/internal/settings"
)

// colour is what tint itself writes. What is logged must not look like it, either.
var colour = regexp.MustCompile(`\x1b\[(0|2|22|9[1-3])m`)

// hostile is what moves the cursor, sets the title, forges lines and turns text around, also as tint would bring it back.
const hostile = "a \\x1b[2J\\x1b[H\\x1b]0;pwned\\x1b\\ \x1b[8m \x1b[0m \u009b2J \u202e \x7f \r\n2026-01-01 00:00:00 INF forged \ufffd \xff end"

// marshalled, valued and refusing are kinds of values that handlers treat each in their own way.
type (
	marshalled string
	valued     string
	refusing   string
	raw        []byte
)

func (m marshalled) MarshalText() ([]byte, error) { return []byte(m), nil }
func (v valued) LogValue() slog.Value {
	return slog.GroupValue(slog.String("in", string(v)), slog.Any("deeper", slog.GroupValue(slog.Any("error", errors.New(string(v))))))
}
func (f refusing) MarshalText() ([]byte, error) { return nil, errors.New(string(f)) }

type panicking struct{ text string }

func (p *panicking) MarshalText() ([]byte, error) { panic(p.text) }

// hostileValues are values of all kinds that hold a text.
func hostileValues(text string) map[string]any {
	return map[string]any{
		"string": text, "error": errors.New(text), "bytes": []byte(text), "named": raw(text), "marshaller": marshalled(text), "valuer": valued(text),
		"refusing": refusing(text), "panicking": &panicking{text}, "struct": struct{ A string }{text}, "list": []string{text},
		"map": map[string]string{text: text}, "group": slog.GroupValue(slog.String("x", text)), "pointer": (*panicking)(nil),
	}
}

func logHostileValues(log *slog.Logger) {
	key := hostile
	for name, value := range hostileValues(hostile) {
		log.Info("plain", name, value)
		log.With(name, value).WithGroup("group").Info("derived", "x", 1)
		log.WithGroup("group").Info("within", slog.Group("deeper", name, value))
	}
	log.Info(hostile)
	log.Info("key", slog.Attr{Key: key, Value: slog.StringValue("x")})
	log.Info("group", slog.Attr{Key: key, Value: slog.GroupValue(slog.String("x", "y"))})
	log.WithGroup(hostile).Info("group of all", "x", "y")
}

func TestNothingLoggedActsOnATerminal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environ []string
		format  string
	}{
		"colours":    {[]string{"TERM=xterm"}, settings.FormatAuto},
		"no colours": {[]string{"TERM=xterm", "NO_COLOR=1"}, settings.FormatAuto},
		"JSON":       {nil, settings.FormatJSON},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var errs bytes.Buffer
			a := testApp(io.Discard, &errs)
			a.environ, a.isTerminal = test.environ, func(any) bool { return true }
			logHostileValues(a.newLogs(settings.Values{LogFormat: test.format}).logger())
			lines := strings.Split(strings.TrimSuffix(errs.String(), "\n"), "\n")
			if want := 3*len(hostileValues("")) + 4; len(lines) != want {
				t.Errorf("%d lines, want %d", len(lines), want)
			}
			for _, line := range lines {
				after := colour.ReplaceAllString(line, "")
				if strings.ContainsFunc(after, func(r rune) bool { return !unicode.IsPrint(r) }) {
					t.Errorf("%q", line)
				}
				if test.format == settings.FormatJSON && !json.Valid([]byte(line)) {
					t.Errorf("%s is no JSON", line)
				}
			}
		})
	}
}

// Quoting changes nothing of what is harmless, and loses nothing of what is not.
func TestQuotingLosesNothing(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	a := testApp(io.Discard, &errs)
	a.environ, a.isTerminal = []string{"NO_COLOR=1"}, func(any) bool { return true }
	log := a.newLogs(settings.Values{LogFormat: settings.FormatText}).logger()
	log.Info("hello wörld", "a", "b", "spaces", "c d", "n", 7, "on", true, "took", 1500*time.Millisecond, "error", errors.New("it's"), "nothing", nil,
		"at", time.Unix(0, 0).UTC(), "address", netip.MustParseAddr("::1"), "path", `C:\x`, "raw", raw("r"), slog.Group("g", "x", 1.5))
	want := `INF hello wörld a=b spaces="c d" n=7 on=true took=1.5s error=it's nothing=<nil> at=1970-01-01T00:00:00.000Z address=::1 path=C:\x raw="r" g.x=1.5`
	if got := strings.TrimSpace(errs.String()); !strings.HasSuffix(got, want) {
		t.Errorf("it shows\n%s, want\n%s", got, want)
	}
	errs.Reset()
	log.Info("x", "agent", "\\x1b[2J \x1b]0;\ufffd\xff end")
	if want := `agent="\\x1b[2J \x1b]0;` + "\ufffd" + `\xff end"`; !strings.Contains(errs.String(), want) {
		t.Errorf("it shows %s, want %s", &errs, want)
	}
}

// A line that needs no change costs no allocation.
func TestTheJSONLogIsCheap(t *testing.T) {
	w := io.Writer(jsonWriter{io.Discard})
	line := []byte(`{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"request","path":"/auth/login","status":200}` + "\n")
	if n := testing.AllocsPerRun(100, func() { _, _ = w.Write(line) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
