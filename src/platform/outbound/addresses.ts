/** Which addresses a request of the service may go to. */
import ipaddr from 'ipaddr.js'

/** What machines of this network have, or this machine alone; of these only those are open to a service that may use private addresses. */
const privateRanges: readonly string[] = ['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']
/** All that is assigned to hosts of the internet, 2000::/3. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')
/** NAT64's well-known prefix (RFC 6052): the last 32 bits are the IPv4 address that is meant. */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

/**
 * Whether an address may be connected to: public unicast ones may, loopback and private ones if `allowPrivate`. Never link-local ones
 * (where clouds keep their credentials), 0.0.0.0 and ::, multicast, broadcast and reserved ones, nor tunnels into IPv4 (6to4, Teredo).
 * An IPv4 address within an IPv6 one (mapped, NAT64) counts as itself.
 */
export const isAllowedAddress = (address: string, { allowPrivate }: { allowPrivate: boolean }): boolean => {
  if (!ipaddr.isValid(address)) return false
  const meant = unwrap(ipaddr.process(address))
  const range = meant.range()
  if (privateRanges.includes(range)) return allowPrivate
  if (range !== 'unicast') return false
  return meant.kind() === 'ipv4' || meant.match(globalUnicast)
}

const unwrap = (address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 =>
  address.kind() === 'ipv6' && address.match(nat64) ? ipaddr.fromByteArray(address.toByteArray().slice(12)) : address
