package api

import (
	"bytes"
	"encoding/json"

	"github.com/jetonauth/jeton/internal/strictjson"
)

// jsonError says why a body is not the JSON that is wanted. The client is told.
type jsonError struct{ reason string }

// Error is the reason.
func (e *jsonError) Error() string { return "api: " + e.reason }

// decodeObject reads text as exactly one JSON object, as package strictjson does. What is none is a [*jsonError].
func decodeObject(text []byte) (map[string]any, error) {
	if len(bytes.Trim(text, " \t\r\n")) == 0 {
		return nil, &jsonError{"the body is empty"}
	}
	if _, err := strictjson.Object(string(text)); err != nil {
		return nil, &jsonError{"the body: " + err.Error()}
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, &jsonError{"the body has a number that is too large"}
	}
	return object, nil
}
