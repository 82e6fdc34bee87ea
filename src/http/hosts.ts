/** Whom a request says that it speaks to, and from which page it comes: the rules, without a server. */

/** What is wrong with a caller, if anything is. */
export type CallerError = { code: 'HOST_NOT_ALLOWED' | 'ORIGIN_NOT_ALLOWED'; header: string; value: string | undefined }

/** What the rules look at. `hosts` has every Host header and the authority of an absolute target, which must all be right. */
export type Caller = {
  method: string
  hosts: readonly string[]
  origin: string | undefined
  fetchSite: string | undefined
  fetchMode: string | undefined
}

type Authority = { name: string; port: string }

/** True for a host, with or without a port, that is this machine or that `allowed` names: `name`, `name:port` or `*.name`. */
export const createHostRule = (allowed: readonly string[]): ((host: string) => boolean) => {
  const rules = allowed.flatMap((entry) => {
    const authority = readAuthority(entry.replace(/^\*\./, ''))
    return authority ? [{ ...authority, below: entry.startsWith('*.') }] : []
  })
  return (host) => {
    const authority = readAuthority(host)
    if (!authority) return false
    const { name, port } = authority
    return (
      isThisMachine(name) ||
      rules.some((rule) => (rule.below ? name.endsWith(`.${rule.name}`) : name === rule.name) && (rule.port === '' || rule.port === port))
    )
  }
}

/** The Host's validation error, if it names neither this machine nor an allowed host. A request without one has none to show. */
export const hostError = ({ hosts }: Caller, isAllowed: (host: string) => boolean): CallerError | undefined => {
  if (hosts.length === 0) return { code: 'HOST_NOT_ALLOWED', header: 'host', value: undefined }
  const foreign = hosts.find((host) => !isAllowed(host))
  return foreign === undefined ? undefined : { code: 'HOST_NOT_ALLOWED', header: 'host', value: foreign }
}

/**
 * The origin's validation error, if a page of another origin sends the request: by `Origin`, or if a browser leaves that out by
 * `Sec-Fetch-Site`. Links that people follow are fine, since the page that has them learns nothing.
 */
export const originError = (caller: Caller, origins: ReadonlySet<string>): CallerError | undefined => {
  const { method, hosts, origin, fetchSite, fetchMode } = caller
  if (method === 'GET' && fetchMode === 'navigate') return undefined
  if (origin !== undefined && origins.has(origin)) return undefined
  const own = origin !== undefined && isOwn(origin, hosts[0] ?? '')
  if (origin !== undefined && !own) return { code: 'ORIGIN_NOT_ALLOWED', header: 'origin', value: origin }
  const fine = fetchSite === undefined || fetchSite === 'same-origin' || fetchSite === 'none' || (fetchSite === 'same-site' && own)
  return fine ? undefined : { code: 'ORIGIN_NOT_ALLOWED', header: 'sec-fetch-site', value: fetchSite }
}

/** An origin as browsers write it: lower case, without the scheme's own port. */
export const normalizeOrigin = (origin: string): string => {
  const { protocol, origin: normalized } = new URL(origin)
  return /^https?:$/.test(protocol) ? normalized : origin.toLowerCase()
}

/** True for what can be a Host header, whosever it is. */
export const isHost = (host: string): boolean => readAuthority(host) !== undefined

/** Whether a page of this very host sent it; the scheme is left to proxies, which may end TLS. */
const isOwn = (origin: string, host: string): boolean => {
  try {
    const page = new URL(origin)
    return /^https?:$/.test(page.protocol) && page.origin === origin && new URL(`${page.protocol}//${host}`).host === page.host
  } catch {
    return false
  }
}

const pattern = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{0,5}))?$/i

/** Name and port of a Host header, in one spelling: numbers as dotted addresses, no dot at the end. Undefined if it is no host. */
const readAuthority = (host: string): Authority | undefined => {
  const [, name = '', port = ''] = pattern.exec(host) ?? []
  try {
    return { name: new URL(`http://${name}`).hostname.replace(/\.$/, ''), port }
  } catch {
    return undefined
  }
}

/** localhost and the names below it (RFC 6761), 127.0.0.0/8, ::1, and IPv4's loopback written in IPv6. */
const isThisMachine = (name: string): boolean =>
  name === 'localhost' ||
  name.endsWith('.localhost') ||
  name === '[::1]' ||
  /^127(\.\d{1,3}){3}$/.test(name) ||
  /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(name)
