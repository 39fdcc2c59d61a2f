package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton"
)

// loginBody is a sign-in by any of the strategies: an object that names one, and holds its credentials beside.
type loginBody struct {
	registry     huma.Registry
	alternatives []alternative
}

// alternative is the sign-in by one strategy.
type alternative struct {
	strategy jeton.Strategy
	name     string       // of the schema in the document
	schema   *huma.Schema // of the credentials and the strategy's name
}

// login is a sign-in as it came in. The credentials' type belongs to the strategy.
type login struct {
	strategy    string
	credentials any
	cookies     bool
}

// The members of a body that are not the strategy's.
const (
	strategyMember = "strategy" // names it; without this, it is the local one
	cookiesMember  = "cookies"  // whether the tokens are to be in cookies
)

func newLoginBody(registry huma.Registry, strategies []jeton.Strategy) (*body[login], error) {
	l := &loginBody{registry: registry}
	for _, s := range strategies {
		made, err := newAlternative(registry, s)
		if err != nil {
			return nil, fmt.Errorf("api: strategy %q: its credentials cannot be described: %w", s.Name(), err)
		}
		l.alternatives = append(l.alternatives, made)
	}
	return objectBody(l.document(), l.decode), nil
}

func newAlternative(registry huma.Registry, s jeton.Strategy) (alternative, error) {
	credentials := reflect.ValueOf(s.New())
	if credentials.Kind() != reflect.Pointer || credentials.IsNil() {
		return alternative{}, fmt.Errorf("New returns a %T, want a pointer to the credentials", s.New())
	}
	own, err := schemaOf(registry, credentials.Type().Elem())
	if err != nil {
		return alternative{}, err
	}
	for _, name := range []string{strategyMember, cookiesMember} {
		if isNearly(own, name) {
			return alternative{}, fmt.Errorf("they have a member %q, which is not theirs to have", name)
		}
	}
	schema := *own
	schema.Properties = maps.Clone(own.Properties)
	if schema.Properties == nil {
		schema.Properties = map[string]*huma.Schema{}
	}
	named := &huma.Schema{Type: huma.TypeString, Description: "The strategy", Enum: []any{s.Name()}}
	schema.Properties[strategyMember] = named
	schema.Properties[cookiesMember] = &huma.Schema{
		Type: huma.TypeBoolean, Description: "Give the tokens in cookies, and a CSRF value in the answer", Examples: []any{false},
	}
	if s.Name() == jeton.LocalStrategy {
		named.Default = s.Name()
	} else {
		schema.Required = append([]string{strategyMember}, own.Required...)
	}
	schema.Description = "Signing in by the strategy \"" + s.Name() + "\""
	return alternative{strategy: s, schema: &schema}, nil
}

// document is the schema of all alternatives together. With one alternative it is that one. The discriminator is a hint for
// programs that read the document; the alternatives exclude each other without it.
func (l *loginBody) document() *huma.Schema {
	discriminator := &huma.Discriminator{PropertyName: strategyMember, Mapping: map[string]string{}}
	var refs []*huma.Schema
	for i := range l.alternatives {
		alternative := &l.alternatives[i]
		alternative.name = l.schemaName(alternative.strategy.Name())
		l.registry.Map()[alternative.name] = alternative.schema
		ref := &huma.Schema{Ref: schemaPrefix + alternative.name}
		discriminator.Mapping[alternative.strategy.Name()] = ref.Ref
		refs = append(refs, ref)
	}
	if len(refs) == 1 {
		return refs[0]
	}
	return &huma.Schema{OneOf: refs, Discriminator: discriminator}
}

// schemaName is a name that no other schema has.
func (l *loginBody) schemaName(strategy string) string {
	name := "Login" + capitalized(componentName(strategy))
	for taken := true; taken; {
		if _, taken = l.registry.Map()[name]; taken {
			name += "_"
		}
	}
	return name
}

// decode finds the strategy, and fills in its credentials.
func (l *loginBody) decode(text []byte, value map[string]any) (login, error) {
	name, err := strategyOf(value)
	if err != nil {
		return login{}, err
	}
	i := slices.IndexFunc(l.alternatives, func(a alternative) bool { return a.strategy.Name() == name })
	if i < 0 {
		return login{}, fmt.Errorf("api: %w", jeton.ErrUnknownStrategy)
	}
	chosen := l.alternatives[i]
	if problems := fit(l.registry, chosen.schema, value); len(problems) > 0 {
		return login{}, &jeton.ValidationError{Fields: problems}
	}
	text, err = without(text, strategyMember, cookiesMember)
	if err != nil {
		return login{}, err
	}
	made := login{strategy: name, credentials: chosen.strategy.New(), cookies: value[cookiesMember] == true}
	return made, unmarshal(text, made.credentials)
}

// without returns a JSON object without some of its members.
func without(text []byte, names ...string) ([]byte, error) {
	var members map[string]json.RawMessage
	err := json.Unmarshal(text, &members)
	if err == nil {
		maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return slices.Contains(names, name) })
		text, err = json.Marshal(members)
	}
	if err != nil {
		return nil, fmt.Errorf("api: a JSON object was read and cannot be read again: %w", err)
	}
	return text, nil
}

func strategyOf(value map[string]any) (string, error) {
	given, there := value[strategyMember]
	if !there {
		return jeton.LocalStrategy, nil
	}
	name, ok := given.(string)
	if !ok {
		wrong := jeton.FieldError{Pointer: "/" + strategyMember, Code: "invalid_type", Message: "must be a string"}
		return "", &jeton.ValidationError{Fields: []jeton.FieldError{wrong}}
	}
	return name, nil
}
