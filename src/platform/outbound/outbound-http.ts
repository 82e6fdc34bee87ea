/** Requests of the service to addresses that clients name: within rules, within limits, and past no proxy of the environment. */
import { lookup as lookupName } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { finished, Readable } from 'node:stream'
import { isAllowedAddress } from './addresses.ts'
import { hostOf, type OutboundRules, requireAllowedUrl } from './allowed-url.ts'
import { OutboundError, outboundErrorOf } from './outbound-error.ts'

/** All addresses of a name. */
type Resolve = (name: string) => Promise<{ address: string; family: number }[]>

export type OutboundRequest = {
  url: string
  /** GET unless said. */
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
  /** How long the body of the answer may be, as it comes over the line. */
  maxBytes: number
  /** How long all may take, the last byte of the answer and every redirect included. */
  timeoutMs: number
  /** How long the other side may say nothing while it is waited for; `timeoutMs` unless given. */
  idleMs?: number
  signal?: AbortSignal
  /** Hosts, `name` or `name:port`, that it may lead to, redirects included; any unless given. */
  allowedHosts?: readonly string[]
  /** How many redirects are followed, of a GET alone; none unless given, and a redirect is then the answer. */
  maxRedirects?: number
}
type AnswerHead = { status: number; headers: IncomingHttpHeaders; url: string; isPublic: boolean }
/** An answer whose body is still to come; its errors are OutboundErrors. `isPublic`: it came from an address that is open to anyone. */
export type OutboundStream = AnswerHead & { body: Readable }
export type OutboundAnswer = AnswerHead & { body: Buffer }

const redirects: readonly number[] = [301, 302, 303, 307, 308]

/**
 * `resolve` finds the addresses of a name, by the machine's own means unless given. Every address that a connection would go to is checked
 * when it is made: a name of which any address is closed is not connected to, so that one that answers differently each time finds no way.
 */
export const createOutboundHttp = ({ resolve = resolveName, ...rules }: OutboundRules & { resolve?: Resolve }) => {
  const lookup = checkedLookup(resolve, rules)
  // None of another's: Node's own takes proxies from the environment if it is told to. Connections are not kept, for the next host is another.
  const agents = { 'http:': new HttpAgent({ keepAlive: false }), 'https:': new HttpsAgent({ keepAlive: false }) }

  /** Checks a URL without sending anything. @throws OutboundError */
  const check = (url: string, allowedHosts?: readonly string[]): URL => requireAllowedUrl(url, rules, allowedHosts)

  /** Sends a request and gives its answer as soon as its head is there. @throws OutboundError */
  const open = async (request: OutboundRequest): Promise<OutboundStream> => {
    const { signal, timeoutMs, maxBytes, idleMs = timeoutMs, allowedHosts, maxRedirects = 0 } = request
    const limits = { maxBytes, idleMs, timeout: AbortSignal.timeout(timeoutMs), ...(signal ? { signal } : {}) }
    const isFollowed = maxRedirects > 0 && (request.method ?? 'GET') === 'GET'
    let url = check(request.url, allowedHosts)
    for (let followed = 0; ; followed++) {
      const response = await send(url, request, limits)
      const { statusCode: status = 0, headers } = response
      const next = isFollowed ? redirectOf(response, url) : null
      if (next === null) return { status, headers, url: url.href, isPublic: isFromPublic(response), body: bounded(response, limits) }
      response.destroy()
      if (followed >= maxRedirects) throw new OutboundError('too_many_redirects', `is redirected more than ${maxRedirects} times`)
      url = redirected(() => check(next, allowedHosts))
    }
  }

  /** Sends a request and reads the whole answer. @throws OutboundError */
  const request = async (asked: OutboundRequest): Promise<OutboundAnswer> => {
    const { body, ...answer } = await open(asked)
    const pieces: Buffer[] = []
    for await (const piece of body) pieces.push(piece as Buffer)
    return { ...answer, body: Buffer.concat(pieces) }
  }

  const send = (url: URL, { method = 'GET', headers, body }: OutboundRequest, limits: Limits): Promise<IncomingMessage> =>
    new Promise((done, failed) => {
      const isPlain = url.protocol === 'http:'
      const options: RequestOptions = {
        agent: isPlain ? agents['http:'] : agents['https:'],
        host: hostOf(url),
        port: url.port || undefined,
        path: `${url.pathname}${url.search}`,
        method,
        headers: { ...headers, host: url.host },
        lookup,
        signal: limits.signal ? AbortSignal.any([limits.signal, limits.timeout]) : limits.timeout,
      }
      const sent = (isPlain ? httpRequest : httpsRequest)(options)
      const timer = setTimeout(() => sent.destroy(silent()), limits.idleMs)
      for (const event of ['response', 'close']) sent.once(event, () => clearTimeout(timer))
      sent.on('error', (error) => failed(outboundErrorOf(error, limits)))
      sent.on('response', (response) => {
        // Without a listener a connection that breaks off before anybody reads would end the process.
        response.on('error', () => {})
        done(response)
      })
      sent.end(body)
    })

  return { check, open, request }
}

export type OutboundHttp = ReturnType<typeof createOutboundHttp>

const resolveName: Resolve = (name) =>
  new Promise((done, failed) => {
    lookupName(name, { all: true }, (error, addresses) => (error ? failed(error) : done(addresses)))
  })

/** Gives a connection the addresses that were checked, and no others. */
const checkedLookup =
  (resolve: Resolve, { allowPrivate }: OutboundRules): LookupFunction =>
  (name, { all, family }, done) => {
    resolve(name).then(
      (addresses) => {
        const wanted = family === 4 || family === 6 ? addresses.filter((one) => one.family === family) : addresses
        const [first] = wanted
        if (!first) done(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 0)
        else if (!addresses.every(({ address }) => isAllowedAddress(address, { allowPrivate })))
          done(new OutboundError('address_not_allowed', `${name} leads to an address that is not open to requests of this service`), '', 0)
        else if (all) done(null, wanted)
        else done(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    )
  }

const isFromPublic = ({ socket }: IncomingMessage): boolean => isAllowedAddress(socket.remoteAddress ?? '', { allowPrivate: false })

type Limits = { maxBytes: number; idleMs: number; timeout: AbortSignal; signal?: AbortSignal }

/** The body, which fails once it is too long, breaks off or takes too long. */
const bounded = (response: IncomingMessage, limits: Limits): Readable => {
  const body = Readable.from(readWithin(response, limits), { objectMode: false })
  // Whoever gives the body up before its first byte closes the connection too.
  finished(body, () => response.destroy())
  return body
}

async function* readWithin(response: IncomingMessage, { maxBytes, idleMs, ...ends }: Limits): AsyncGenerator<Buffer> {
  const tooLarge = () => new OutboundError('too_large', `The answer is longer than ${maxBytes} bytes`)
  // Time in which nobody asks for the next bytes is not the other side's.
  let timer: NodeJS.Timeout | undefined
  const wait = () => {
    timer = setTimeout(() => response.destroy(silent()), idleMs)
  }
  let bytes = 0
  try {
    if (Number(response.headers['content-length']) > maxBytes) throw tooLarge()
    wait()
    for await (const piece of response as AsyncIterable<Buffer>) {
      clearTimeout(timer)
      bytes += piece.length
      if (bytes > maxBytes) throw tooLarge()
      yield piece
      wait()
    }
  } catch (error) {
    throw outboundErrorOf(error, ends)
  } finally {
    clearTimeout(timer)
  }
}

const silent = (): OutboundError => new OutboundError('timeout', 'The host sent nothing for too long')

/** Where an answer redirects to, empty if that cannot be read; null if it does not. */
const redirectOf = ({ statusCode = 0, headers: { location } }: IncomingMessage, from: URL): string | null => {
  if (location === undefined || !redirects.includes(statusCode)) return null
  return URL.canParse(location, from.href) ? new URL(location, from.href).href : ''
}

/** What is wrong with an address is not what the client said, if it was sent there by another. */
const redirected = (check: () => URL): URL => {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    throw new OutboundError(error.code, `is redirected, and the next address ${error.message}`)
  }
}
