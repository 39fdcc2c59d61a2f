// Signs in with an e-mail address and a password, the first time with a wrong one, and asks who one is.
import { browse } from './browser.mjs'
import { ada, authorize, execute, operation, signIn, signUp, status, visit } from './explorer.mjs'

await browse(async (open) => {
  await signUp(ada)
  const page = await open()
  await visit(page)

  let dialogue = await authorize(page)
  await signIn(dialogue, { ...ada, password: 'wrong horse battery' })
  const alert = dialogue.getByRole('alert')
  await alert.filter({ hasText: /./ }).waitFor()
  const refused = await alert.textContent()
  const left = await dialogue.getByLabel('Password', { exact: true }).inputValue()

  await signIn(dialogue, ada)
  await dialogue.waitFor({ state: 'detached' })
  const said = await status(page).textContent()
  const answer = await execute(await operation(page, 'Account', 'getAccount'))

  const kept = await page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    cookies: document.cookie,
  }))

  dialogue = await authorize(page)
  const inDialogue = await dialogue.locator('.sign-in').textContent()
  await dialogue.getByRole('button', { name: 'Remove authorization' }).click()
  await dialogue.getByLabel('Password', { exact: true }).waitFor()
  await dialogue.locator('.close-modal').click()
  const out = await execute(await operation(page, 'Account', 'getAccount'))

  await signIn(await authorize(page), ada)
  await status(page).filter({ hasText: ada.email }).waitFor()
  await page.reload()
  await page.locator('.opblock').first().waitFor()
  const reloaded = await status(page).textContent()
  return { refused, left, said, account: answer.body, kept, inDialogue, out: out.status, reloaded }
})
