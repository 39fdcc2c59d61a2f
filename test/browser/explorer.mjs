// What a person does in the explorer.
import { url } from './browser.mjs'

export const ada = { email: 'ada@example.com', password: 'correct horse battery' }

// visit opens the explorer and waits for its operations.
export async function visit(page, fragment = '') {
  await page.goto(`${url}/explorer${fragment}`)
  await page.locator('.opblock').first().waitFor()
}

// operation finds one by its tag and its operationId, and opens it.
export async function operation(page, tag, id) {
  const block = page.locator(`#operations-${tag}-${id}`)
  if (!(await block.getAttribute('class')).includes('is-open')) await block.locator('.opblock-summary-control').click()
  await block.locator('.try-out__btn').waitFor()
  return block
}

// execute tries an operation out, and returns the status and the body that the page shows. With fill, it first changes what is sent.
export async function execute(block, fill = async () => {}) {
  const button = block.locator('.try-out__btn:not(.cancel)')
  if (await button.isVisible()) await button.click()
  const clear = block.locator('.btn-clear')
  if (await clear.isVisible()) await clear.click()
  await fill(block)
  await block.locator('.execute').click()
  const answer = block.locator('.live-responses-table .response').first()
  await answer.waitFor()
  const status = Number.parseInt(await answer.locator('.response-col_status').textContent(), 10)
  const body = answer.locator('.highlight-code pre')
  return { status, body: (await body.count()) ? JSON.parse(await body.first().textContent()) : undefined }
}

// authorize opens the dialogue.
export async function authorize(page) {
  await page.locator('.btn.authorize').first().click()
  return page.locator('.modal-ux')
}

// signIn fills in the form of the dialogue, and sends it.
export async function signIn(dialogue, { email, password }) {
  await dialogue.getByLabel('E-mail address').fill(email)
  await dialogue.getByLabel('Password', { exact: true }).fill(password)
  await dialogue.getByRole('button', { name: 'Sign in' }).click()
}

// signUp makes an account without the page.
export async function signUp({ email, password }) {
  const answer = await fetch(`${url}/auth/signup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  if (answer.status !== 201) throw new Error(`sign-up: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

// status is what the page says beside the button that authorizes.
export const status = (page) => page.locator('.sign-in-status')
