// Signs up by trying that out, gives the token that the page shows, and asks who one is.
import { browse } from './browser.mjs'
import { authorize, execute, operation, visit } from './explorer.mjs'

await browse(async (open) => {
  const page = await open()
  await visit(page)
  const signedUp = await execute(await operation(page, 'Access', 'signUp'))
  const before = await execute(await operation(page, 'Account', 'getAccount'))

  const dialogue = await authorize(page)
  const scheme = dialogue.locator('.auth-container', { hasText: 'bearer' })
  await scheme.getByLabel('auth-bearer-value').fill(signedUp.body.access_token)
  await scheme.getByRole('button', { name: 'Apply credentials' }).click()
  await scheme.getByText('Authorized').waitFor()
  await dialogue.getByRole('button', { name: 'Close' }).first().click()

  const after = await execute(await operation(page, 'Account', 'getAccount'))
  return { signedUp: signedUp.status, before: before.status, after: after.status, account: after.body }
})
