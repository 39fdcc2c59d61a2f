// Uses a token that expires at once: the page renews it, until the session ends.
import { browse, url } from './browser.mjs'
import { ada, authorize, execute, operation, signIn, signUp, status, visit } from './explorer.mjs'

await browse(async (open) => {
  await signUp(ada)
  const page = await open()
  const renewals = []
  page.on('response', (response) => {
    if (response.url() === `${url}/auth/refresh`) renewals.push(response.status())
  })
  await visit(page)
  const answered = page.waitForResponse(`${url}/auth/login`)
  await signIn(await authorize(page), ada)
  const { access_token: token } = await (await answered).json()
  await status(page).filter({ hasText: ada.email }).waitFor()

  const getAccount = await operation(page, 'Account', 'getAccount')
  const renewed = await execute(getAccount)
  const shown = await getAccount.locator('.curl-command').textContent()

  // Whoever changes the password ends all other sessions.
  const other = await (await fetch(`${url}/auth/login`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(ada),
  })).json()
  const changed = await fetch(`${url}/auth/password`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${other.access_token}` },
    body: JSON.stringify({ current_password: ada.password, new_password: 'staple battery horse' }),
  })
  const ended = await execute(getAccount)
  return {
    renewed: renewed.status, withFirst: shown.includes(token), changed: changed.status, ended: ended.status, renewals,
    said: await status(page).textContent(),
  }
})
