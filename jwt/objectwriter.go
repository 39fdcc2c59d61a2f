package jwt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jetonauth/jeton/internal/strictjson"
)

// objectWriter writes JSON objects in the order of its calls. After an error it does nothing. What nearly every claim is, plain
// text or a number, it writes itself; anything else is encoding/json's.
type objectWriter struct {
	buf     []byte
	filled  bool // the object has a member
	foreign bool // something was encoded that may be what this package would not read
	err     error
}

func (w *objectWriter) open() {
	w.buf = append(w.buf, '{')
	w.filled = false
}

func (w *objectWriter) close() error {
	w.buf = append(w.buf, '}')
	return w.err
}

// text adds a string unless it is empty.
func (w *objectWriter) text(name, value string) {
	if value != "" {
		w.pair(name, value)
	}
}

// pair adds a string.
func (w *objectWriter) pair(name, value string) {
	if !strictjson.Plain(name) || !strictjson.Plain(value) {
		w.name(name)
		w.string(value)
		w.explain(name)
		return
	}
	b := slices.Grow(w.buf, len(name)+len(value)+len(`,"":""`))
	if w.filled {
		b = append(b, ',')
	}
	w.filled = true
	b = append(b, '"')
	b = append(b, name...)
	b = append(b, `":"`...)
	b = append(b, value...)
	b = append(b, '"')
	w.buf = b
}

// time adds a NumericDate unless it is zero.
func (w *objectWriter) time(name string, value time.Time) {
	if value.IsZero() || w.err != nil {
		return
	}
	seconds := value.Unix()
	if seconds < 0 || seconds > maxNumericDate {
		w.err = fmt.Errorf("jwt: claim %q: %s is not in the years 1970 to 9999", name, value.UTC().Format(time.RFC3339))
		return
	}
	w.name(name)
	w.buf = strconv.AppendInt(w.buf, seconds, 10)
}

// add adds a claim of whatever type.
func (w *objectWriter) add(name string, value any) {
	if w.err != nil {
		return
	}
	if text, ok := value.(string); ok && strictjson.Plain(name) {
		w.pair(name, text)
		return
	}
	if w.name(name); w.err != nil {
		w.err = fmt.Errorf("jwt: the name of claim %s: %w", quote(name), w.err)
		return
	}
	switch value := value.(type) {
	case string:
		w.string(value)
	case []string:
		w.strings(value)
	case bool:
		w.buf = strconv.AppendBool(w.buf, value)
	case int:
		w.buf = strconv.AppendInt(w.buf, int64(value), 10)
	case int64:
		w.buf = strconv.AppendInt(w.buf, value, 10)
	default:
		w.encode(value)
	}
	w.explain(name)
}

// explain says which claim an error is about.
func (w *objectWriter) explain(name string) {
	if w.err != nil {
		w.err = fmt.Errorf("jwt: claim %s: %w", quote(name), w.err)
	}
}

// name begins a member.
func (w *objectWriter) name(name string) {
	if w.filled {
		w.buf = append(w.buf, ',')
	}
	w.filled = true
	w.string(name)
	w.buf = append(w.buf, ':')
}

func (w *objectWriter) string(value string) {
	if !strictjson.Plain(value) {
		w.encode(value)
		return
	}
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, value...)
	w.buf = append(w.buf, '"')
}

func (w *objectWriter) strings(values []string) {
	if values == nil {
		w.buf = append(w.buf, "null"...)
		return
	}
	w.buf = append(w.buf, '[')
	for i, value := range values {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.string(value)
	}
	w.buf = append(w.buf, ']')
}

func (w *objectWriter) encode(value any) {
	if w.err != nil {
		return
	}
	text, ok := value.(string)
	if ok && !utf8.ValidString(text) {
		w.err = errInvalidUTF8
		return
	}
	w.foreign = w.foreign || !ok
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if w.err = encoder.Encode(value); w.err != nil {
		return
	}
	encoded := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if hasReplacement(encoded) {
		w.err = errInvalidUTF8
		return
	}
	w.buf = append(w.buf, encoded...)
}

var errInvalidUTF8 = errors.New("invalid UTF-8")

// hasReplacement reports whether encoding/json has met invalid UTF-8 somewhere in a value: it replaces that by the
// escape \ufffd, while it writes the character U+FFFD itself without one.
func hasReplacement(text []byte) bool {
	rest := string(text)
	for {
		i := strings.IndexByte(rest, '\\')
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
		if strings.HasPrefix(rest, "ufffd") {
			return true
		}
		rest = rest[1:]
	}
}
