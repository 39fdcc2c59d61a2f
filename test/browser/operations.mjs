// Tries out every operation of the document as the page proposes it, and comes back to some by their links.
import { browse, url } from './browser.mjs'
import { ada, authorize, execute, operation, signIn, signUp, status, visit } from './explorer.mjs'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

const { paths } = await (await fetch(`${url}/openapi.json`)).json()
const operations = Object.entries(paths).flatMap(([path, item]) =>
  methods.filter((method) => item[method]).map((method) => ({ name: `${method.toUpperCase()} ${path}`, ...item[method] })))

// What ends the session comes last.
const last = ['signOut', 'changePassword', 'deleteAccount']
operations.sort((a, b) => last.indexOf(a.operationId) - last.indexOf(b.operationId))

// fillIn gives what is needed and has no example, since nobody can know it, such as the id of a session.
async function fillIn(block) {
  for (const input of await block.locator('tr:has(.parameter__name.required) input[type=text]').all()) {
    if ((await input.inputValue()) === '') await input.fill('unknown')
  }
}

await browse(async (open) => {
  await signUp(ada)
  const page = await open()
  await visit(page)
  const shown = await page.locator('.opblock').count()
  await signIn(await authorize(page), ada)
  await status(page).filter({ hasText: ada.email }).waitFor()

  const tried = {}
  const links = {} // the last of each tag
  for (const { name, operationId, tags: [tag], responses } of operations) {
    const block = await operation(page, tag, operationId)
    links[tag] = { name, hash: new URL(page.url()).hash }
    const answer = await execute(block, fillIn)
    tried[name] = { status: answer.status, described: String(answer.status) in responses }
    await block.locator('.opblock-summary-control').click()
  }

  const linked = {}
  for (const { name, hash } of Object.values(links)) {
    await visit(page, hash)
    await page.reload()
    const block = page.locator('.opblock.is-open')
    await block.waitFor()
    const method = await block.locator('.opblock-summary-method').textContent()
    linked[name] = `${method} ${await block.locator('.opblock-summary-path').getAttribute('data-path')}`
  }
  return { operations: operations.length, shown, tried, linked }
})
