package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton/internal/explain"
	"github.com/jetonauth/jeton/internal/settings"
)

func newTokenVerifyCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify TOKEN|-",
		Short: "Check a token, and print its claims",
		Long: `With "-" the token is read from standard input, where no other user of the machine sees it.
It is judged as one of the data directory's own, revocation included, or with --issuer,
--jwks or --keys as one of somebody else's, for which --issuer and --audience must be said.
The exit status is 1 if the token is refused; why is on the error stream.`,
		Example: `  jeton token verify - < token.txt
  jeton token verify - --issuer https://auth.example.com --audience https://api.example.com < token.txt
  jeton token verify - --keys secret.txt --any-issuer --any-audience < token.txt`,
		Args: oneArgument("TOKEN"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.verifyToken(cmd, args[0]) },
	}
	addTokenRules(cmd)
	cmd.Flags().Bool(jsonFlag, false, "print JSON, for programs: the claims are JSON in any case")
	return cmd
}

func newTokenExplainCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain TOKEN|-",
		Short: "Say why a token is accepted or refused",
		Long: `Prints header and claims, times in words, and every check with what was expected and what
the token has. With "-" the token is read from standard input, where no other user of the
machine sees it. It is sent to nobody: with --issuer or --jwks only keys are fetched.

The token is judged as one of the data directory's own, or with --issuer, --jwks or --keys
as one of somebody else's; what was not said, such as the audience, is not checked then.
The exit status is 1 if the token is refused, or could not be judged.`,
		Example: `  jeton token explain - < token.txt
  jeton token explain - --issuer https://auth.example.com < token.txt
  jeton token explain - --keys public.pem --audience https://api.example.com < token.txt`,
		Args: oneArgument("TOKEN"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.explainToken(cmd, args[0]) },
	}
	addTokenRules(cmd)
	addJSON(cmd)
	return cmd
}

func (a *app) verifyToken(cmd *cobra.Command, argument string) error {
	rules, err := newTokenRules(cmd)
	if err != nil {
		return err
	}
	if rules.foreign && rules.issuer == "" && !rules.anyIssuer {
		return usageError{"--issuer is needed to verify tokens of others; --any-issuer accepts every one" + hint(cmd, "")}
	}
	if rules.foreign && len(rules.audience) == 0 && !rules.anyAudience {
		return usageError{"--audience is needed to verify tokens of others; --any-audience accepts every one" + hint(cmd, "")}
	}
	report, err := a.judge(cmd, argument, rules, existing)
	if err != nil {
		return err
	}
	switch report.Verdict {
	case explain.Accepted:
		text, err := indented(report.Claims)
		if err != nil {
			return err
		}
		_, err = fmt.Fprint(a.out, string(text))
		return err
	case explain.Refused:
		return fmt.Errorf("the token is refused: %s", printable(report.Summary))
	default:
		return fmt.Errorf("the token cannot be judged: %s", printable(report.Summary))
	}
}

func (a *app) explainToken(cmd *cobra.Command, argument string) error {
	rules, err := newTokenRules(cmd)
	if err != nil {
		return err
	}
	report, err := a.judge(cmd, argument, rules, existence(rules.ownPlace))
	if err != nil {
		return err
	}
	asJSON, err := cmd.Flags().GetBool(jsonFlag)
	switch {
	case err != nil:
		return err
	case asJSON:
		err = report.WriteJSON(a.out)
	default:
		err = report.WriteText(a.out, a.isTerminal(a.out) && a.colour())
	}
	if err == nil && report.Verdict != explain.Accepted {
		return errSaid
	}
	return err
}

// judge explains a token by the rules that the flags say. Without a database and keys of others there are no keys to judge it with,
// which is an error only if must says so, or if somebody has named the directory.
func (a *app) judge(cmd *cobra.Command, argument string, rules tokenRules, must existence) (*explain.Report, error) {
	text, err := a.tokenText(argument)
	if err != nil {
		return nil, err
	}
	if !rules.foreign {
		return a.judgeOwn(cmd, text, rules, must)
	}
	opts, err := rules.foreignOptions()
	if err != nil {
		return nil, err
	}
	return explain.Token(cmd.Context(), text, opts)
}

func (a *app) judgeOwn(cmd *cobra.Command, text string, rules tokenRules, must existence) (report *explain.Report, err error) {
	service, err := a.service(cmd, existing)
	if problem, ok := errors.AsType[settings.Problem](err); ok && must != existing && problem.Key == "data" && problem.Origin == (settings.Origin{}) {
		fmt.Fprintf(a.err, "jeton: no keys: %s; see --issuer, --jwks and --keys for tokens of others\n", problem.Text)
		return explain.Token(cmd.Context(), text, explain.Options{AnyIssuer: true, AnyAudience: true, Leeway: rules.leeway})
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	if _, err := service.Issuer(); err != nil {
		return nil, a.located(cmd, err)
	}
	opts, err := rules.ownOptions(cmd.Context(), service.Auth())
	if err != nil {
		return nil, err
	}
	return explain.Token(cmd.Context(), text, opts)
}
