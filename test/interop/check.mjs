// What the checks of one access token share: their input, and tokens that must be refused.

import { input } from './script.mjs'
export { refusal, report } from './script.mjs'

export const issuer = input('JETON_ISSUER')
export const jwksURL = input('JETON_JWKS_URL')
export const audience = input('JETON_AUDIENCE')
export const token = input('JETON_TOKEN')

// The token with another signature, as long as the real one.
export const otherSignature = (() => {
  const [header, payload, signature] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  bytes[0] ^= 1
  return [header, payload, bytes.toString('base64url')].join('.')
})()

// The token with its own signature over claims that name somebody else.
export const otherSubject = (() => {
  const [header, payload, signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  claims.sub = `${claims.sub}x`
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
})()
