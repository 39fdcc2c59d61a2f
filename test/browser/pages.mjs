// Opens each page in both colour schemes, as wide as a desk and as a phone, and takes a picture of each if JETON_SCREENSHOTS names a folder.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { browse, url } from './browser.mjs'
import { ada, authorize, execute, operation, signIn, status, visit } from './explorer.mjs'

const folder = process.env.JETON_SCREENSHOTS
if (folder) await mkdir(folder, { recursive: true })

const sizes = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } }

// What there is to see, in this order.
const views = {
  home: async (page) => { await page.goto(`${url}/`) },
  explorer: async (page) => { await visit(page) },
  dialogue: async (page) => { await authorize(page) },
  refused: async (page) => {
    const dialogue = page.locator('.modal-ux')
    await signIn(dialogue, { ...ada, password: 'wrong horse battery' })
    await dialogue.getByRole('alert').filter({ hasText: /./ }).waitFor()
  },
  answer: async (page) => {
    await page.locator('.close-modal').click()
    await execute(await operation(page, 'Access', 'signUp'))
  },
  schema: async (page) => {
    const block = await operation(page, 'Access', 'signUp')
    await block.locator('.responses-table:not(.live-responses-table) .response').first().locator('button', { hasText: 'Schema' }).click()
  },
  'signed in': async (page) => {
    await page.locator('#operations-Access-signUp .opblock-summary-control').click()
    await signIn(await authorize(page), ada)
    await status(page).filter({ hasText: ada.email }).waitFor()
  },
  authorized: async (page) => { await authorize(page) },
  form: async (page) => {
    await page.locator('.close-modal').click()
    const block = await operation(page, 'OAuth', 'introspectToken')
    await block.locator('.try-out__btn').click()
  },
  schemas: async (page) => { await page.locator('.models-control').click() },
}

// tooWide is what sticks out of the page to the right.
const tooWide = () => [...document.querySelectorAll('body *')]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('pre, .svg-assets'))
  .map((e) => `${e.tagName}.${e.getAttribute('class')}`)

const seen = {}

await browse(async (open) => {
  for (const colorScheme of ['light', 'dark']) {
    for (const [size, viewport] of Object.entries(sizes)) {
      const page = await open({ colorScheme, viewport, reducedMotion: 'reduce' })
      for (const [view, show] of Object.entries(views)) {
        await show(page)
        const name = `${view} ${colorScheme} ${size}`
        seen[name] = { wide: [...new Set(await page.evaluate(tooWide))] }
        const whole = !['dialogue', 'refused', 'authorized'].includes(view)
        if (folder) await page.screenshot({ path: join(folder, `${name.replaceAll(' ', '-')}.png`), fullPage: whole, animations: 'disabled' })
      }
      await page.context().close()
    }
  }
  return seen
})
