/** Addresses that a request of the service may be sent to, as far as they tell it themselves. */
import { isIP } from 'node:net'
import { isAllowedAddress } from './addresses.ts'
import { OutboundError } from './outbound-error.ts'

export type OutboundRules = {
  /** Plain http too. */
  allowHttp: boolean
  /** Loopback and private addresses too. */
  allowPrivate: boolean
}

/**
 * Reads a URL as browsers do, so that numbers are addresses (`http://2130706433` is 127.0.0.1), and checks what it says: scheme, no user,
 * its host among `allowedHosts` if there are any, no address that is closed. A host stands there as `name`, which is any port of
 * it, or as `name:port`. Names are not looked up here: that is done, and checked, for the connection.
 * @throws OutboundError
 */
export const requireAllowedUrl = (text: string, { allowHttp, allowPrivate }: OutboundRules, allowedHosts?: readonly string[]): URL => {
  if (!URL.canParse(text)) throw new OutboundError('invalid_url', 'must be an absolute URL')
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:'))
    throw new OutboundError('scheme_not_allowed', allowHttp ? 'must begin with https:// or http://' : 'must begin with https://')
  if (url.username || url.password) throw new OutboundError('invalid_url', 'must have no user name and no password')
  if (allowedHosts && !allowedHosts.some((allowed) => isHost(url, allowed)))
    throw new OutboundError('host_not_allowed', `must be of a host that is allowed here, which ${url.host.slice(0, 260)} is not`)
  const host = hostOf(url)
  if (isIP(host) && !isAllowedAddress(host, { allowPrivate }))
    throw new OutboundError('address_not_allowed', `must not lead to ${host}, which is not open to requests of this service`)
  return url
}

/** The name or the address of a URL, without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

const isHost = (url: URL, allowed: string): boolean => {
  const { hostname, port } = new URL(`${url.protocol}//${allowed}`)
  const hasPort = /:\d+$/.test(allowed)
  return url.hostname === hostname && (!hasPort || url.port === port)
}
