package express

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/url"
)

var errFields = errors.New("express: the body is not what its type says, or has a field twice")

// parseFields reads the fields of a form or of a JSON object, as Express' parsers do between them: a body of another type has none, and a
// member that is no string counts as none. What does not hold together, or has a name twice, is an error.
func parseFields(contentType string, body []byte) (field func(name string) string, err error) {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType = ""
	}
	var fields map[string]string
	switch mediaType {
	case "application/json":
		fields, err = jsonFields(body)
	case "application/x-www-form-urlencoded":
		fields, err = formFields(body)
	default:
		fields, err = nil, nil
	}
	return func(name string) string { return fields[name] }, err
}

func formFields(body []byte) (map[string]string, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errFields
	}
	fields := make(map[string]string, len(form))
	for name, values := range form {
		if len(values) > 1 {
			return nil, errFields
		}
		fields[name] = values[0]
	}
	return fields, nil
}

func jsonFields(body []byte) (map[string]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errFields
	}
	fields := map[string]string{}
	for decoder.More() {
		name, err := decoder.Token()
		text, ok := name.(string)
		if _, twice := fields[text]; err != nil || !ok || twice {
			return nil, errFields
		}
		var value any
		if decoder.Decode(&value) != nil {
			return nil, errFields
		}
		fields[text], _ = value.(string)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errFields
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errFields
	}
	return fields, nil
}
