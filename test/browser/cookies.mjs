// Signs in with cookies, on a page that has an application's own routes beside jeton's operations, and tries from other origins what
// only that page may do.
import { chromium } from 'playwright-core'

const { JETON_URL: site, JETON_OTHER: other, JETON_CONTROL: control, CHROMIUM: executablePath } = process.env
const elsewhere = { crossSite: other.replace('127.0.0.1', 'localhost'), sameSite: other } // a site is a host name, whatever the port
const ada = { email: 'ada@example.com', password: 'correct horse battery', cookies: true }

const browser = await chromium.launch({
  executablePath,
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  ],
})
const requests = new Set()
const problems = []

// open opens the page in a browser of its own, or in a further tab of one.
async function open(context) {
  if (!context) {
    context = await browser.newContext({ ignoreHTTPSErrors: true }) // the certificate is the test's own
    context.setDefaultTimeout(60_000)
    context.on('request', (request) => requests.add(request.url()))
    context.on('weberror', (failure) => problems.push(String(failure.error())))
  }
  const page = await context.newPage()
  await page.goto(`${site}/`)
  return page
}

const call = (page, method, path, body) => page.evaluate((args) => call(...args), [method, path, body])
const status = async (page, ...request) => (await call(page, ...request)).status
const cookies = (page) => page.context().cookies([`${site}/auth/refresh`])

// submit makes a page of another origin send a form, in a tab of its own, and returns the status.
async function submit(context, origin, path, { enctype = 'application/x-www-form-urlencoded', fields = {} } = {}) {
  const page = await context.newPage()
  await page.goto(`${origin}/`)
  const answered = page.waitForResponse((response) => response.url() === `${site}${path}` && response.request().method() === 'POST')
  await page.evaluate(({ action, enctype, fields }) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action, enctype })
    for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement('input'), { name, value }))
    document.body.append(form)
    form.submit()
  }, { action: `${site}${path}`, enctype, fields })
  const status = (await answered).status()
  await page.close()
  return status
}

// connect opens a WebSocket from the page that is open, and returns what it is told.
const connect = (page) => page.evaluate((address) => new Promise((resolve) => {
  const socket = new WebSocket(address)
  socket.onmessage = (message) => resolve(message.data)
  socket.onerror = () => resolve('refused')
}), `${site.replace(/^http/, 'ws')}/live`)

// send sends a request from the page that is open, with cookies if the browser lets it, and says whether the page may read the answer.
const send = (page, path, init) => page.evaluate(async ([address, init]) => {
  try {
    return (await fetch(address, { method: 'POST', credentials: 'include', ...init })).type
  } catch {
    return 'refused'
  }
}, [`${site}${path}`, init])

const result = {}
try {
  let page = await open()
  result.before = await status(page, 'GET', '/news')
  result.signedUp = await call(page, 'POST', '/auth/signup', ada)
  result.cookies = await cookies(page)
  result.readable = await page.evaluate(() => document.cookie)
  result.read = await call(page, 'GET', '/news')
  result.changed = await call(page, 'POST', '/news', { title: 'x' })
  result.withoutValue = await page.evaluate(async () => (await fetch('/news', { method: 'POST' })).status)
  result.live = await connect(page)
  result.renamed = await status(page, 'PATCH', '/auth/me', { name: 'Ada' })

  result.forged = {}
  for (const [name, origin] of Object.entries(elsewhere)) {
    const context = page.context()
    const login = { [`{"email":"${ada.email}","password":"${ada.password}","cookies":true,"x":"`]: '"}' }
    const forged = {
      form: await submit(context, origin, '/news', { fields: { title: 'forged' } }),
      refresh: await submit(context, origin, '/auth/refresh'),
      signIn: await submit(context, origin, '/auth/login', { enctype: 'text/plain', fields: login }),
      signOut: await submit(context, origin, '/auth/logout'),
    }
    const attack = await context.newPage()
    await attack.goto(`${origin}/`)
    forged.live = await connect(attack)
    forged.blind = await send(attack, '/news', { mode: 'no-cors' })
    forged.json = await send(attack, '/auth/login', { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(ada) })
    await attack.close()
    forged.stillIn = await status(page, 'GET', '/news')
    result.forged[name] = forged
  }
  result.kept = (await cookies(page)).length

  // Both tabs find the access token expired, and refresh at once.
  const tab = await open(page.context())
  await fetch(`${control}/expire`, { method: 'POST' })
  result.expired = await status(page, 'GET', '/news')
  const both = [page, tab]
  result.refreshed = await Promise.all(both.map((p) => status(p, 'POST', '/auth/refresh')))
  result.both = await Promise.all(both.map((p) => status(p, 'POST', '/news', {})))
  await page.reload()
  result.reloaded = await status(page, 'POST', '/news', {})

  result.signedOut = await status(page, 'POST', '/auth/logout')
  result.left = await cookies(page)
  result.out = await Promise.all(both.map((p) => status(p, 'GET', '/news')))

  // The same with an access token that has expired, and with one that the browser has dropped.
  result.late = []
  for (const drop of [false, true]) {
    page = await open()
    const signedIn = await status(page, 'POST', '/auth/login', ada)
    await fetch(`${control}/expire`, { method: 'POST' })
    if (drop) await page.context().clearCookies({ name: /jeton$/ })
    const had = (await cookies(page)).length
    const out = await status(page, 'POST', '/auth/logout')
    result.late.push({ signedIn, had, out, left: (await cookies(page)).length, refresh: await status(page, 'POST', '/auth/refresh') })
  }
  const strangers = [...Object.values(elsewhere), site.replace(/^http/, 'ws')].map((origin) => `${origin}/`)
  const asked = [...requests].filter((address) => !strangers.some((origin) => address.startsWith(origin)))
  process.stdout.write(JSON.stringify({ result, requests: asked, problems }))
} finally {
  await browser.close()
}
