package settings

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// DefaultFile is read if it is in the working directory and no other file is named.
const DefaultFile = "jeton.yaml"

// Source is where settings are read from.
type Source struct {
	// Flags are those that were given, by key, and "config", the name of the file.
	Flags map[string]string
	// Environ is as of os.Environ.
	Environ []string
	// Serve says that it is for a server, which needs an issuer unless it listens on a loopback address.
	Serve bool
}

// Read reads the settings. What is wrong is [Problems]: all of them, those in the file first. Everything in the file is checked, also
// what a flag or a variable overrides; a variable that a flag overrides is not read.
func Read(src Source) (*Settings, error) {
	r := reading{Settings: &Settings{origins: map[string]Origin{}}}
	variables := environment(src.Environ)
	r.readFile(src, variables)
	r.Warnings = append(r.Warnings, strayVariables(variables)...)
	for _, d := range definitions() {
		r.resolve(d, src, variables)
	}
	if src.Serve {
		r.checkServe()
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	r.warnOfPasswords()
	return r.Settings, nil
}

// checkServe checks what only a server needs.
func (r *reading) checkServe() {
	if !r.Database.Shared() {
		r.checkListen()
		return
	}
	for _, s := range []struct {
		key   string
		empty bool
		err   error
	}{{"issuer", r.Issuer == "", errSharedIssuer}, {"master_key", r.MasterKey == "", errSharedKey}} {
		if s.empty && !slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Key == s.key }) {
			r.wrong(Origin{}, s.key, s.err.Error())
		}
	}
}

// checkListen demands an issuer of who listens for others. Where the host is a name, only listening can tell.
func (r *reading) checkListen() {
	host, _, err := net.SplitHostPort(r.Listen)
	if err != nil || r.Issuer != "" || slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Key == "issuer" }) {
		return
	}
	address, err := netip.ParseAddr(host)
	if host != "" && (err != nil || address.IsLoopback()) {
		return
	}
	r.wrong(Origin{}, "issuer", NeedIssuer(r.Listen).Error())
}

// warnOfPasswords warns of those that others on this machine can read.
func (r *reading) warnOfPasswords() {
	for _, s := range []struct {
		key   string
		value Location
	}{{"database", r.Database}, {"redis", r.Redis}} {
		if origin := r.origins[s.key]; origin.Kind == Flag && s.value.HasPassword() {
			r.Warnings = append(r.Warnings, origin.Name+" has a password, and others can read a command line; "+
				variablePrefix+strings.ToUpper(s.key)+" is for that")
		}
	}
}

// reading is a Read under way.
type reading struct {
	*Settings
	problems Problems
}

func (r *reading) wrong(origin Origin, key, text string) {
	r.problems = append(r.problems, Problem{origin, key, text})
}

// fileName is the file to be read, and who names it: a flag, a variable, or nobody.
func fileName(src Source, variables map[string]string) (name string, named Origin) {
	if name, ok := src.Flags[configKey]; ok {
		return name, Origin{Kind: Flag, Name: "--" + configKey}
	}
	variable := variablePrefix + strings.ToUpper(configKey)
	if name, ok := variables[variable]; ok {
		return name, Origin{Kind: Environment, Name: variable}
	}
	return DefaultFile, Origin{}
}

// readFile takes what the file says, and checks it.
func (r *reading) readFile(src Source, variables map[string]string) {
	name, named := fileName(src, variables)
	if name == "" {
		r.wrong(named, "", "want the name of a file, such as "+DefaultFile)
		return
	}
	f, err := readFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && named == Origin{}:
		return
	case err != nil && named == Origin{}:
		r.wrong(Origin{Kind: File, Name: name}, "", err.Error())
		return
	case err != nil:
		r.wrong(named, "", name+" "+err.Error())
		return
	}
	r.File = name
	entries, problems := parse(name, f.data)
	r.problems = problems
	for _, e := range entries {
		secret := e.definition.Secret || e.definition.form.location && Location(e.given.text).HasPassword()
		if r.take(e) && f.readByOthers && secret {
			r.Warnings = append(r.Warnings, name+" holds "+e.definition.Key+", and others can read it; chmod 600 would change that")
		}
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Origin.Line, b.Origin.Line), cmp.Compare(a.Origin.Column, b.Origin.Column))
	})
}

// take takes an entry of the file, a list one element after the other, so that the one that is wrong is found.
func (r *reading) take(e entry) bool {
	if !e.definition.form.list {
		return r.set(e.definition, e.given)
	}
	good := true
	texts := make([]string, len(e.elements))
	for i, element := range e.elements {
		texts[i] = element.text
		if element.text == "" || strings.Contains(element.text, ",") {
			r.wrong(element.origin, e.definition.Key, fmt.Sprintf("%s in the list; want %s", quoted(element.text), e.definition.want()))
			good = false
			continue
		}
		good = r.set(e.definition, element) && good
	}
	e.given.text = strings.Join(texts, ",")
	return good && r.set(e.definition, e.given)
}

// resolve takes the default unless the file has said something, and then what wins over that.
func (r *reading) resolve(d Definition, src Source, variables map[string]string) {
	if text, ok := src.Flags[d.Key]; ok {
		r.set(d, given{text, Origin{Kind: Flag, Name: "--" + d.Flag()}})
		return
	}
	if text, ok := variables[d.Variable()]; ok {
		r.set(d, given{text, Origin{Kind: Environment, Name: d.Variable()}})
		return
	}
	if _, ok := r.origins[d.Key]; !ok && d.Default != "" {
		r.set(d, given{d.Default, Origin{}})
	}
}

// set sets one setting, and says whether it could.
func (r *reading) set(d Definition, g given) bool {
	if !d.form.list && g.text == "" {
		r.wrong(g.origin, d.Key, "has no value; want "+d.want())
		return false
	}
	if err := d.form.set(&r.Values, g.text); err != nil {
		r.wrong(g.origin, d.Key, err.Error())
		return false
	}
	r.origins[d.Key] = g.origin
	return true
}
