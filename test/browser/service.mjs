// Asks as a service what a token is worth: a form, with HTTP Basic.
import { browse } from './browser.mjs'
import { ada, authorize, execute, operation, signUp, visit } from './explorer.mjs'

// give authorizes with a name and a secret, in place of those before.
async function give(page, name, secret) {
  const dialogue = await authorize(page)
  const scheme = dialogue.locator('.auth-container', { hasText: 'basic' })
  const before = scheme.getByRole('button', { name: 'Remove authorization' })
  if (await before.isVisible()) await before.click()
  await scheme.getByLabel('auth-basic-username').fill(name)
  await scheme.getByLabel('auth-basic-password').fill(secret)
  await scheme.getByRole('button', { name: 'Apply credentials' }).click()
  await scheme.getByText('Authorized').waitFor()
  await dialogue.locator('.close-modal').click()
}

await browse(async (open) => {
  const { access_token: token, user } = await signUp(ada)
  const { JETON_CLIENT: name, JETON_CLIENT_SECRET: secret } = process.env
  const page = await open()
  await visit(page)
  const introspect = await operation(page, 'OAuth', 'introspectToken')
  const fill = (block) => block.locator('tr[data-property-name=token] input[type=text]').fill(token)

  const without = await execute(introspect, fill)
  await give(page, name, 'jcs_wrong')
  const wrong = await execute(introspect, fill)
  await give(page, name, secret)
  const right = await execute(introspect, fill)
  return { without: without.status, wrong: wrong.status, right: right.status, active: right.body.active, own: right.body.sub === user.id }
})
