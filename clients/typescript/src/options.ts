/** What a client is told, and what it finds in the environment. */
import type { TransportOptions } from './http/transport.ts'

export type ClientOptions = {
  /** Where the service is; `TRAINYARD_URL`, else `http://127.0.0.1:3000`. */
  url?: string | undefined
  /** A key of the service, if it asks for one; `TRAINYARD_API_KEY`. */
  apiKey?: string | undefined
  /** Sends the requests, in place of the platform's own `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /** How long the service may be silent, in milliseconds; 60,000. */
  timeoutMs?: number | undefined
  /** How often a request is sent again that failed for a reason that passes; 4. */
  maxRetries?: number | undefined
}

const defaultUrl = 'http://127.0.0.1:3000'

/** @throws TypeError naming the option that cannot be */
export const readOptions = ({ url, apiKey, fetch, timeoutMs = 60_000, maxRetries = 4 }: ClientOptions): TransportOptions => {
  if (!(timeoutMs > 0)) throw new TypeError('timeoutMs must be a number of milliseconds above 0')
  if (!Number.isInteger(maxRetries) || maxRetries < 0) throw new TypeError('maxRetries must be a whole number from 0')
  // Looked up at each call, so that a fetch that is replaced later is the one that is used.
  const send = fetch ?? ((...args: Parameters<typeof globalThis.fetch>) => globalThis.fetch(...args))
  return {
    url: readUrl(url ?? environment('TRAINYARD_URL') ?? defaultUrl),
    apiKey: readKey(apiKey ?? environment('TRAINYARD_API_KEY')),
    fetch: send,
    timeoutMs,
    maxRetries,
  }
}

/** Without the slash at its end, and without `/v1`, which every path has. */
const readUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError(`url must begin with http:// or https://, and is ${JSON.stringify(text)}`)
  if (url.username !== '' || url.password !== '') throw new TypeError('url must have no user and no password: a key goes into apiKey')
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/v1$/, '')
}

const readKey = (text: string | undefined): string | undefined => {
  const key = text?.trim()
  if (key === undefined || key === '') return undefined
  if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError('apiKey has characters that no header can carry')
  return key
}

/** A variable of the environment, where there is one; empty counts as unset. */
const environment = (name: string): string | undefined => {
  const value = typeof process === 'undefined' ? undefined : process.env?.[name]
  return value === '' ? undefined : value
}
