// Uses jeton as a ready-made OAuth client does, with openid-client, which is given an issuer's URL and nothing else of where things are:
// RFC 8414, RFC 6749, RFC 7662 and RFC 7009. An application refreshes and revokes; a service asks what its tokens are worth.
import { input, refusal, report } from './script.mjs'
import {
  allowInsecureRequests,
  ClientSecretBasic,
  discovery,
  None,
  refreshTokenGrant,
  tokenIntrospection,
  tokenRevocation,
} from 'openid-client'

const issuer = new URL(input('JETON_ISSUER'))
const name = input('JETON_CLIENT')
const secret = input('JETON_SECRET')

// Insecure requests are those over plain HTTP: the server under test listens on loopback.
const insecure = { execute: [allowInsecureRequests] }
const discover = (name, authentication, algorithm) =>
  discovery(issuer, name, undefined, authentication, { ...insecure, algorithm })

const app = await discover('front end', None(), 'oauth2')
const service = await discover(name, ClientSecretBasic(secret), 'oidc')
const stranger = await discover(name, ClientSecretBasic(`${secret}x`), 'oauth2')

const first = await refreshTokenGrant(app, input('JETON_REFRESH_TOKEN'))
const second = await refreshTokenGrant(app, first.refresh_token)
const active = await tokenIntrospection(service, second.access_token, { token_type_hint: 'refresh_token' })
const refresh = await tokenIntrospection(service, second.refresh_token)
const strange = await refusal(() => tokenIntrospection(stranger, second.access_token))
const confidential = await refusal(() => refreshTokenGrant(service, second.refresh_token))
const wide = await refusal(() => refreshTokenGrant(app, second.refresh_token, { scope: 'admin' }))
const third = await refreshTokenGrant(app, second.refresh_token) // which the refusal has not used up

await tokenRevocation(app, third.refresh_token)
await tokenRevocation(app, third.refresh_token, { token_type_hint: 'refresh_token' }) // again is no error
const inactive = await tokenIntrospection(service, second.access_token)
const dead = await refusal(() => refreshTokenGrant(app, third.refresh_token))
const gone = await tokenIntrospection(service, third.refresh_token)

report({
  metadata: [app.serverMetadata(), service.serverMetadata()],
  tokens: [first, second, third],
  active,
  refresh,
  inactive: [gone, inactive],
  refused: {
    'introspection by a stranger': strange,
    'refresh with a secret': confidential,
    'refresh for more than there is': wide,
    'refresh after revocation': dead,
  },
})
