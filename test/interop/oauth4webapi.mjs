// Validates an access token as a resource server would with oauth4webapi: RFC 6750 and RFC 9068.
import { audience, issuer, jwksURL, otherSignature, otherSubject, refusal, report, token } from './check.mjs'
import { allowInsecureRequests, clockSkew, validateJwtAccessToken } from 'oauth4webapi'

const server = { issuer, jwks_uri: jwksURL }

// Insecure requests are the JWK Set's over plain HTTP: the server under test listens on loopback. The skew is
// how many seconds the local clock is said to be behind.
const validate = async (token, { as = server, expectedAudience = audience, skew = 0 } = {}) => {
  const request = new Request('https://resource.example/', { headers: { authorization: `Bearer ${token}` } })
  return validateJwtAccessToken(as, request, expectedAudience, { [allowInsecureRequests]: true, [clockSkew]: skew })
}

const claims = await validate(token)
const lifetime = claims.exp - claims.iat

report({
  claims,
  refused: {
    'another signature': await refusal(() => validate(otherSignature)),
    'another subject': await refusal(() => validate(otherSubject)),
    'another audience': await refusal(() => validate(token, { expectedAudience: `${audience}/other` })),
    'another issuer': await refusal(() => validate(token, { as: { ...server, issuer: `${issuer}/other` } })),
    'after it expired': await refusal(() => validate(token, { skew: lifetime + 60 })),
  },
})
