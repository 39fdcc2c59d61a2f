package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
)

func newTokenSignCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sign --subject SUBJECT",
		Short: "Make an access token by hand, for a service or a script",
		Long: `The token is signed with the key of the data directory, and is all that goes to standard
output. It belongs to no session. The server that it is for must have the same issuer.`,
		Example: `  jeton token sign --subject reports --scope reports:read --ttl 1h
  jeton token sign --subject ada --claim 'tenant="acme"' --claim level=3`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.signToken(cmd) },
	}
	f := cmd.Flags()
	f.String("subject", "", "the `ID` of whom it is about, the claim \"sub\"")
	f.StringArray("audience", nil, "the `NAME` of who is to accept it, the claim \"aud\" (default: the issuer); may be given several times")
	f.String("ttl", "", "the `DURATION` for which it is valid, 1s to 24h (default: access_ttl of the settings)")
	f.StringArray("scope", nil, "a `SCOPE`: what it allows; may be given several times")
	f.StringArray("role", nil, "a `ROLE`; may be given several times")
	f.StringArray("claim", nil, "another claim, as `NAME=JSON`; may be given several times")
	addSettings(cmd, "listen", "data", "database", "issuer", "log_format", "log_level")
	addJSON(cmd)
	return cmd
}

// newIssueOptions reads the flags.
func newIssueOptions(cmd *cobra.Command) (subject string, opts jeton.IssueOptions, err error) {
	f := cmd.Flags()
	var errs [6]error
	var ttl string
	var scopes, claims []string
	subject, errs[0] = f.GetString("subject")
	opts.Audience, errs[1] = f.GetStringArray("audience")
	ttl, errs[2] = f.GetString("ttl")
	scopes, errs[3] = f.GetStringArray("scope")
	opts.Roles, errs[4] = f.GetStringArray("role")
	claims, errs[5] = f.GetStringArray("claim")
	if err := errors.Join(errs[:]...); err != nil {
		return "", opts, err
	}
	if subject == "" {
		return "", opts, usageError{"--subject is missing" + hint(cmd, "")}
	}
	for _, scope := range scopes {
		opts.Scopes = append(opts.Scopes, strings.Fields(scope)...)
	}
	if f.Changed("ttl") {
		if opts.TTL, err = duration("ttl", ttl, time.Second, jeton.DefaultTokenTTL, "1s to 24h, such as 1h"); err != nil {
			return "", opts, err
		}
	}
	opts.Claims, err = readClaims(claims)
	return subject, opts, err
}

// readClaims reads NAME=JSON.
func readClaims(texts []string) (map[string]any, error) {
	claims := map[string]any{}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" || !json.Valid([]byte(value)) {
			return nil, fmt.Errorf(`--claim: %q; want NAME=JSON, such as level=3 or tenant="acme", which a shell wants in quotes`, text)
		}
		if _, ok := claims[name]; ok {
			return nil, fmt.Errorf("--claim: there are two of the name %q", name)
		}
		claims[name] = json.RawMessage(value)
	}
	return claims, nil
}

func (a *app) signToken(cmd *cobra.Command) (err error) {
	subject, opts, err := newIssueOptions(cmd)
	if err != nil {
		return err
	}
	service, err := a.service(cmd, existing)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	if _, err := service.Issuer(); err != nil {
		return a.located(cmd, err)
	}
	token, err := service.Auth().Issue(cmd.Context(), subject, opts)
	if err != nil {
		return flagNames(err)
	}
	if asJSON, err := cmd.Flags().GetBool(jsonFlag); err != nil || asJSON {
		return printJSON(a.out, struct {
			Token string `json:"token"`
		}{token})
	}
	_, err = fmt.Fprintln(a.out, token)
	return err
}

// flagNames calls the options of [jeton.Auth.Issue] what they are called on the command line.
func flagNames(err error) error {
	text := strings.NewReplacer("IssueOptions.TTL", "--ttl", "IssueOptions.Claims", "--claim", "IssueOptions.Roles:", "--role").
		Replace(err.Error())
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}

// located adds to an error about a setting where its value came from.
func (a *app) located(cmd *cobra.Command, err error) error {
	s, readErr := a.settings(cmd)
	if readErr != nil {
		return readErr
	}
	return located(s, err)
}
