// Signing in with an e-mail address and a password, for Swagger UI. What it learns stays in this page's memory.
'use strict'

// newSession makes what explorer.js gives to Swagger UI: a plugin, which shows the form in the dialogue of a bearer scheme and who is
// signed in beside the button that opens it, and renew, which sees to it that a request's token has not expired.
function newSession({ signIn, refresh }) {
  let system // gives Swagger UI as it is now
  let state = { notice: '' } // signed in: also email, scheme, schema, token, expires, refreshToken
  const listeners = new Set()

  function become(next) {
    state = next
    listeners.forEach((listener) => listener())
  }

  const subscribe = (listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const useSession = () => system().React.useSyncExternalStore(subscribe, () => state)

  // authorize takes the tokens of an answer, for the requests to come.
  function authorize({ email, scheme, schema }, answer) {
    const lifetime = Number(answer.expires_in) * 1000
    const expires = lifetime > 0 ? Date.now() + lifetime : Infinity
    become({ notice: '', email, scheme, schema, token: answer.access_token, expires, refreshToken: answer.refresh_token })
    system().authActions.authorize({ [scheme]: { name: scheme, schema, value: state.token } })
    watch(state)
  }

  // watch says when a sign-in that cannot be renewed has expired.
  function watch(watched) {
    if (watched.expires === Infinity || (refresh && watched.refreshToken)) return
    const longest = 2 ** 31 - 1 // what a timer can count
    setTimeout(() => {
      if (state !== watched) return
      if (Date.now() < watched.expires) watch(watched)
      else end('Your sign-in has expired. Sign in again.')
    }, Math.min(watched.expires - Date.now(), longest))
  }

  function end(notice) {
    system().authActions.logout([state.scheme])
    become({ notice })
  }

  let renewal // the one that is under way

  // renew gives a request that has the token of this sign-in one that has not expired.
  async function renew(request) {
    const margin = 5000 // for the way to the server
    const own = state.token && request.headers?.Authorization === `Bearer ${state.token}`
    if (!own || !refresh || !state.refreshToken || Date.now() < state.expires - margin) return
    renewal ??= exchange(state).finally(() => { renewal = undefined })
    await renewal
    if (state.token) request.headers.Authorization = `Bearer ${state.token}`
  }

  // exchange gets new tokens for old ones, and ends the sign-in if the server will not give any.
  async function exchange(old) {
    try {
      const answer = await post(refresh, { refresh_token: old.refreshToken })
      if (state === old) authorize(old, { refresh_token: old.refreshToken, ...answer })
    } catch (failure) {
      if (state === old && failure.final) end(`Your sign-in has ended. ${failure.message} Sign in again.`)
    }
  }

  function SignIn({ scheme, schema }) {
    const { createElement: h, useEffect, useRef, useState } = system().React
    const { email: signedIn, scheme: of } = useSession()
    const [problem, setProblem] = useState('')
    const [busy, setBusy] = useState(false)
    const email = useRef(null)
    const password = useRef(null) // no state: React would keep it

    const form = signedIn === undefined || of !== scheme
    useEffect(() => { if (form) email.current.focus() }, [form])

    async function submit(event) {
      event.preventDefault()
      const credentials = { email: email.current.value.trim(), password: password.current.value }
      password.current.value = ''
      setProblem('')
      setBusy(true)
      try {
        authorize({ email: credentials.email, scheme, schema }, await post(signIn, credentials))
        system().authActions.showDefinitions(false)
      } catch (failure) {
        setBusy(false)
        setProblem(failure.message)
        password.current?.focus()
      }
    }

    if (!form) return h('div', { className: 'auth-container sign-in' }, h('p', null, 'Signed in as ', h('b', null, signedIn), '.'))
    const field = (label, ref, attributes) => h('label', null, label, h('input', { ref, required: true, ...attributes }))
    return h('form', { className: 'auth-container sign-in', onSubmit: submit },
      h('h4', null, 'Sign in'),
      field('E-mail address', email, { name: 'email', type: 'email', autoComplete: 'username' }),
      field('Password', password, { name: 'password', type: 'password', autoComplete: 'current-password' }),
      h('p', { role: 'alert' }, problem),
      h('div', { className: 'auth-btn-wrapper' },
        h('button', { className: 'btn modal-btn auth', type: 'submit', disabled: busy }, busy ? 'Signing in…' : 'Sign in')),
      h('p', { className: 'or' }, 'or give a token:'))
  }

  function Status() {
    const { createElement: h } = system().React
    const { email, notice } = useSession()
    return h('span', { className: 'sign-in-status', role: 'status' }, email === undefined ? notice : ['Signed in as ', h('b', { key: 'who' }, email)])
  }

  const isBearer = (schema) => schema.get('type') === 'http' && schema.get('scheme', '').toLowerCase() === 'bearer'

  const plugin = (made) => {
    system = made.getSystem
    const { createElement: h, Fragment } = system().React
    return {
      wrapComponents: {
        // One of these is in the dialogue for each security scheme.
        auths: (Original) => (props) => {
          const [scheme, schema] = props.definitions.findEntry(isBearer) ?? []
          return h(Fragment, null, scheme && h(SignIn, { scheme, schema }), h(Original, props))
        },
        authorizeBtn: (Original) => (props) => h(Fragment, null, h(Status), h(Original, props)),
      },
      statePlugins: {
        auth: {
          wrapSelectors: {
            // The form comes first.
            definitionsToAuthorize: (original) => (...given) => original(...given)?.sortBy((schemes) => !schemes.some(isBearer)),
          },
          wrapActions: {
            // Another token of the same scheme takes the place of the sign-in.
            authorize: (original) => (given) => {
              if (state.scheme in given && given[state.scheme].value !== state.token) become({ notice: '' })
              return original(given)
            },
            logout: (original) => (schemes) => {
              if (schemes.includes(state.scheme)) become({ notice: '' })
              return original(schemes)
            },
          },
        },
      },
    }
  }

  return { plugin, renew }
}

// post sends JSON, and returns the tokens that it is answered with. What its errors say is for people; a final one will not pass.
async function post(url, body) {
  let response
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { Accept: 'application/json, application/problem+json', 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    })
  } catch {
    throw new Error('The server cannot be reached.')
  }
  const answer = await response.json().catch(() => undefined)
  if (response.ok && typeof answer?.access_token === 'string') return answer
  const final = response.status < 500 && response.status !== 429
  throw Object.assign(new Error(inWords(response, answer)), { final })
}

// inWords says what is wrong, as a problem (RFC 9457) or an OAuth error (RFC 6749) has it.
function inWords(response, answer) {
  if (response.ok) return 'The server answered without a token.'
  const problem = answer?.detail || answer?.error_description || answer?.title
  if (!problem) return `The server answered with status ${response.status}.`
  const fields = Array.isArray(answer.errors) ? answer.errors.filter((e) => e?.pointer && e.message) : []
  return [problem, ...fields.map((e) => `${e.pointer.slice(1)} ${e.message}.`)].join(' ')
}
