// Verifies an access token with jose, through the issuer's JWK Set: RFC 7515, RFC 7517, RFC 7519.
import { audience, issuer, jwksURL, otherSignature, otherSubject, refusal, report, token } from './check.mjs'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const keys = createRemoteJWKSet(new URL(jwksURL))
const expected = { issuer, audience, typ: 'at+jwt' }
const verify = async (token, changed = {}) => jwtVerify(token, keys, { ...expected, ...changed })

const { payload, protectedHeader } = await verify(token)

report({
  header: protectedHeader,
  claims: payload,
  refused: {
    'another signature': await refusal(() => verify(otherSignature)),
    'another subject': await refusal(() => verify(otherSubject)),
    'another audience': await refusal(() => verify(token, { audience: `${audience}/other` })),
    'another issuer': await refusal(() => verify(token, { issuer: `${issuer}/other` })),
    'another type': await refusal(() => verify(token, { typ: 'JWT' })),
    'another algorithm': await refusal(() => verify(token, { algorithms: ['RS512'] })),
    'after it expired': await refusal(() => verify(token, { currentDate: new Date((payload.exp + 1) * 1000) })),
  },
})
