// Opens jeton's pages in Chromium, and watches what they do.
import { chromium } from 'playwright-core'

export const url = process.env.JETON_URL

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // No name has an address: whatever is asked of another machine by its name fails, and is a problem below.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

// browse starts a browser with a profile of its own, which is gone at the end, and prints as JSON what use returned, which URLs were
// asked for, and what went wrong in the pages.
export async function browse(use) {
  const requests = new Set()
  const problems = []
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags })
  try {
    const result = await use((options) => open(browser, requests, problems, options))
    process.stdout.write(JSON.stringify({ result, requests: [...requests], problems }))
  } finally {
    await browser.close()
  }
}

// open opens a page of a browser that knows nothing of the others.
async function open(browser, requests, problems, options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  context.setDefaultTimeout(60_000)
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => console.error('policy', e.violatedDirective, e.blockedURI, e.sample))
  })
  context.on('request', (request) => requests.add(request.url()))
  context.on('requestfailed', (request) => {
    // Going to the next page while the icon still loads is no problem.
    if (request.url().includes('/icon.') && request.failure().errorText === 'net::ERR_ABORTED') return
    problems.push(`${request.url()}: ${request.failure().errorText}`)
  })
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !isAnswer(message)) problems.push(message.text())
  })
  context.on('weberror', (failure) => problems.push(String(failure.error())))
  const page = await context.newPage()
  page.on('websocket', (socket) => requests.add(socket.url()))
  return page
}

// isAnswer says whether a message only tells that the API answered something else than a success, which a test may have wanted.
function isAnswer(message) {
  const { pathname } = new URL(message.location().url || url)
  return message.text().startsWith('Failed to load resource: the server responded with a status of') && /^\/(auth|oauth|sign-in)\b/.test(pathname)
}
