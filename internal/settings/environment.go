package settings

import (
	"fmt"
	"slices"
	"strings"
)

// configKey is the name of the file itself, as a flag and in the environment.
const configKey = "config"

// The variables that are no settings: between which databases `jeton copy` copies.
const (
	CopyFrom = variablePrefix + "COPY_FROM"
	CopyTo   = variablePrefix + "COPY_TO"
)

// environment is the variables with jeton's prefix. An empty one counts as not set.
func environment(environ []string) map[string]string {
	variables := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if _, twice := variables[name]; !twice && value != "" && strings.HasPrefix(name, variablePrefix) {
			variables[name] = value
		}
	}
	return variables
}

// strayVariables warns of variables that look like settings and are none. They may be somebody else's, and so are no error.
func strayVariables(variables map[string]string) []string {
	known := []string{variablePrefix + strings.ToUpper(configKey), CopyFrom, CopyTo}
	for _, d := range definitions() {
		known = append(known, d.Variable())
	}
	var warnings []string
	for name := range variables {
		if slices.Contains(known, name) || foreignVariable(name) {
			continue
		}
		warning := name + " in the environment is no setting, and is not read"
		if nearest := Nearest(name, known); nearest != "" {
			warning += fmt.Sprintf("; did you mean %s?", nearest)
		}
		warnings = append(warnings, warning)
	}
	slices.Sort(warnings)
	return warnings
}

// foreignVariable says that others set a variable: jeton's own tests, or Kubernetes, which gives every container
// such variables for each service, and so for one that is called jeton.
func foreignVariable(name string) bool {
	for _, prefix := range []string{"JETON_TEST_", "JETON_SERVICE_HOST", "JETON_SERVICE_PORT", "JETON_PORT"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
