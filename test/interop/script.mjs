// What every script shares: its input, what has to fail, and the report that the Go test reads.

// Node.js 18 has the Web Crypto API, but not yet as a global.
import { webcrypto } from 'node:crypto'
globalThis.crypto ??= webcrypto

export const input = (name) => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

// Awaits a check that has to fail, and returns how it failed.
export const refusal = async (check) => {
  let result
  try {
    result = await check()
  } catch (error) {
    return { code: error.code ?? '', message: error.message, error: error.error, status: error.status }
  }
  throw new Error(`accepted what it should refuse: ${JSON.stringify(result)}`)
}

export const report = (result) => console.log(JSON.stringify(result))
