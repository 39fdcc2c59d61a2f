package api

import "net/http"

// oauthError is the body of what is no success under /oauth/ (RFC 6749, section 5.2).
type oauthError struct {
	_ struct{} `additionalProperties:"true"`

	Code        string `json:"error" doc:"What is wrong, for programs" example:"invalid_grant"`
	Description string `json:"error_description,omitempty" doc:"What is wrong, for people" example:"The refresh token is not valid, or not any more."`
}

// oauthKind is how RFC 6749 and those that follow it call what all problems of a code have in common. The status stays the same.
type oauthKind struct {
	name    string
	detail  string // for the client, in place of the kind's
	meaning string // for the document, in place of the kind's
}

// The names that several codes share.
const (
	oauthInvalidRequest = "invalid_request"
	oauthUnavailable    = "temporarily_unavailable"
)

// oauthKinds has every code that an operation under /oauth/ may answer with.
var oauthKinds = map[string]oauthKind{
	codeInvalidRequest: {
		oauthInvalidRequest, "The body is not the form that is wanted.",
		"a parameter is missing or there twice, the body is not a form in UTF-8, or there are two Authorization headers",
	},
	codeBodyTooLarge: {oauthInvalidRequest, "", ""},
	codeMediaType: {
		oauthInvalidRequest, "The body must be application/x-www-form-urlencoded, in UTF-8.",
		"the body is not `application/x-www-form-urlencoded`",
	},
	codeMethod: {oauthInvalidRequest, "", ""},
	codeInvalidCredentials: {
		"invalid_client", "The client did not authenticate, or not with the right credentials.",
		"the client did not authenticate as it has to: by HTTP Basic, with the right name and secret, or here not at all",
	},
	codeInsufficientScope: {
		codeInsufficientScope, "The service client may not do this.", "the service client has not the scope that is needed",
	},
	codeInvalidGrant:         {codeInvalidGrant, "", ""},
	codeUnsupportedGrantType: {codeUnsupportedGrantType, "", ""},
	codeUnsupportedTokenType: {codeUnsupportedTokenType, "", ""},
	codeInvalidScope:         {codeInvalidScope, "", ""},
	codeRateLimited:          {oauthUnavailable, "", ""},
	codeUnavailable:          {oauthUnavailable, "", ""},
	codeInternal:             {"server_error", "", ""},
}

// basicChallenge asks for HTTP Basic (RFC 7617). The realm is that of bearer challenges.
const basicChallenge = `Basic realm="api"`

// inOAuth is the same problem in the words of RFC 6749.
func (p *problem) inOAuth() *problem {
	own, said := kinds[p.Code], oauthKinds[p.Code]
	translated := *p
	translated.header = p.header.Clone()
	translated.header.Set("Content-Type", "application/json")
	translated.header.Set("Pragma", "no-cache")
	if p.Status == http.StatusUnauthorized {
		translated.header.Set("WWW-Authenticate", basicChallenge)
	}
	if said.detail != "" && p.Detail == own.detail {
		translated.Detail = said.detail
	}
	translated.oauth = &oauthError{Code: said.name, Description: translated.Detail}
	return &translated
}

// meaningOf is what a code means, for the document.
func meaningOf(code string, oauth bool) string {
	if said := oauthKinds[code]; oauth && said.meaning != "" {
		return said.meaning
	}
	return kinds[code].meaning
}
