package api

// serviceKinds is what the problems of operations for service clients say, beside /oauth/, where they differ.
var serviceKinds = map[string]kind{
	codeInvalidCredentials: {
		detail:  "The client did not authenticate, or not with the right credentials.",
		meaning: "the service client did not authenticate by HTTP Basic, with the right name and secret",
	},
	codeInsufficientScope: {
		detail: "The service client may not do this.", meaning: "the service client has not the scope that is needed",
	},
	codeInvalidRequest: {
		detail:  "The query may have after, limit and wait, and nothing else.",
		meaning: "a parameter is unknown, there twice or out of its bounds, or there are two Authorization headers",
	},
}

// forService is the same problem for who authenticates by HTTP Basic.
func (p *problem) forService() *problem {
	said, differs := serviceKinds[p.Code]
	if !differs {
		return p
	}
	translated := *p
	translated.header = p.header.Clone()
	if p.Code == codeInvalidCredentials {
		translated.header.Set("WWW-Authenticate", basicChallenge)
	}
	if p.Detail == kinds[p.Code].detail {
		translated.Detail = said.detail
	}
	return &translated
}
