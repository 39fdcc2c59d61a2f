package main

import (
	"context"
	"encoding"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// quotingHandler keeps what is logged from acting on the terminal. The handler behind it, tint's, lets its callers colour what they log:
// it writes messages as they are, and in quoted text it turns not only ESC but also the four characters \x1b back into ESC.
type quotingHandler struct{ next slog.Handler }

// Enabled says whether records of a level are written.
func (h quotingHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle writes a record.
func (h quotingHandler) Handle(ctx context.Context, r slog.Record) error {
	quoted := slog.NewRecord(r.Time, r.Level, printable(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		quoted.AddAttrs(quotedAttr(a))
		return true
	})
	return h.next.Handle(ctx, quoted)
}

// WithAttrs returns a handler that adds these to each record.
func (h quotingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quotingHandler{h.next.WithAttrs(quotedAttrs(attrs))}
}

// WithGroup returns a handler that puts what comes into a group.
func (h quotingHandler) WithGroup(name string) slog.Handler {
	return quotingHandler{h.next.WithGroup(quotedKey(name))}
}

func quotedAttrs(attrs []slog.Attr) []slog.Attr {
	quoted := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		quoted[i] = quotedAttr(a)
	}
	return quoted
}

func quotedAttr(a slog.Attr) slog.Attr {
	value := a.Value.Resolve()
	switch value.Kind() {
	case slog.KindString:
		value = quotedText(value.String())
	case slog.KindGroup:
		value = slog.GroupValue(quotedAttrs(value.Group())...)
	case slog.KindAny:
		if v := value.Any(); v != nil && !isBytes(v) {
			value = quotedText(shown(v))
		}
	}
	return slog.Attr{Key: quotedKey(a.Key), Value: value}
}

// quotedText is a text as bytes if tint would make something of it: those it puts in quotes, and leaves them at that.
func quotedText(text string) slog.Value {
	special := func(r rune) bool { return r == '\x1b' || r == '\x7f' || r == utf8.RuneError } // also at RuneError tint cuts it off
	if strings.Contains(text, `\x1b`) || strings.ContainsFunc(text, special) {
		return slog.AnyValue([]byte(text))
	}
	return slog.StringValue(text)
}

// quotedKey is a key, which the program names; so it need not be seen what was there.
func quotedKey(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '\\' || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, key)
}

func isBytes(v any) bool {
	t := reflect.TypeOf(v)
	_, marshals := v.(encoding.TextMarshaler)
	return !marshals && t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// shown is a value as log/slog shows it in text.
func shown(v any) (text string) {
	defer func() {
		if problem := recover(); problem != nil {
			text = fmt.Sprintf("!PANIC: %v", problem)
		}
	}()
	if m, ok := v.(encoding.TextMarshaler); ok {
		marshalled, err := m.MarshalText()
		if err != nil {
			return "!ERROR: " + err.Error()
		}
		return string(marshalled)
	}
	return fmt.Sprintf("%+v", v)
}
