package humaguard

import (
	"maps"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// describe says in an operation, and in its document, what is asked. To say it twice is to say it once: huma runs the modifiers of a
// group twice. What the operation refers to may be shared, and is copied before it changes.
func (p *protection) describe(document *huma.OpenAPI, op *huma.Operation) {
	op.Security = p.security(document, op)
	if !p.ownAnswers {
		p.describeAnswers(document, op)
	}
}

func (p *protection) describeAnswers(document *huma.OpenAPI, op *huma.Operation) {
	if len(op.Errors) == 0 && len(op.Responses) <= 1 && op.Responses["500"] == nil {
		// Huma describes its own errors where an operation has no answer but the success, which is no longer so.
		op.Errors = []int{http.StatusInternalServerError}
	}
	said := map[string]bool{} // by the operation itself
	for status := range op.Responses {
		said[status] = true
	}
	for _, status := range op.Errors {
		said[strconv.Itoa(status)] = true
	}
	responses := map[string]*huma.Response{}
	maps.Copy(responses, op.Responses)
	for _, s := range p.samples() {
		answer := p.guard.Answer(&s.refusal)
		status := strconv.Itoa(statusOf(answer))
		if said[status] {
			continue
		}
		if responses[status] == nil {
			responses[status] = newResponse(document, answer)
		}
		addSample(responses[status], s, answer)
	}
	op.Responses = responses
}
