// What both checks share: their input, tokens that must be refused, and the report that the Go test reads.

// Node.js 18 has the Web Crypto API, but not yet as a global.
import { webcrypto } from 'node:crypto'
globalThis.crypto ??= webcrypto

const input = (name) => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

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

// Awaits a check that has to fail, and returns how it failed.
export const refusal = async (check) => {
  let claims
  try {
    claims = await check()
  } catch (error) {
    return { code: error.code ?? '', message: error.message }
  }
  throw new Error(`accepted what it should refuse: ${JSON.stringify(claims)}`)
}

export const report = (result) => console.log(JSON.stringify(result))
