// Uses the explorer over the document of another API, whose sign-in gives no refresh token.
import { browse, url } from './browser.mjs'
import { authorize, execute, operation, signIn, status } from './explorer.mjs'

await browse(async (open) => {
  const page = await open()
  await page.context().addCookies([{ name: 'visit', value: '7', url }])
  await page.clock.install()
  await page.goto(`${url}/docs/api/#/news/listNews`)
  await page.locator('.opblock.is-open').waitFor()
  const title = await page.title()

  const dialogue = await authorize(page)
  const alert = dialogue.getByRole('alert')
  const refused = []
  for (const password of ['broken', 'empty', 'fields']) {
    await signIn(dialogue, { email: 'ada@example.com', password })
    await alert.filter({ hasText: /./ }).waitFor()
    refused.push(await alert.textContent())
  }
  await signIn(dialogue, { email: 'ada@example.com', password: 'right' })
  await status(page).filter({ hasText: 'ada@example.com' }).waitFor()
  const listNews = await operation(page, 'news', 'listNews')
  const before = await execute(listNews)
  await page.clock.fastForward('15:01')
  await status(page).filter({ hasText: 'expired' }).waitFor()
  const said = await status(page).textContent()
  const after = await execute(listNews)
  const changed = await execute(await operation(page, 'news', 'changeNews'), async (block) => {
    await block.locator('input[placeholder=title]').fill('a & b')
  })
  return { title, refused, before: before.body, said, after: after.body, changed: changed.body }
})
