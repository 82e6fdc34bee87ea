/** Content-Digest (RFC 9530): what a body's bytes hash to, as its sender says. */
import { createHash } from 'node:crypto'
import { Problem } from '../../contracts/error-codes.ts'

/** Digests of the header by the names that Node knows the algorithms by. */
export type Digest = { name: string; algorithm: string; value: string }

const algorithms: Readonly<Record<string, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' }

/**
 * The digests of a header that can be checked; none if there is no header.
 * @throws Problem MALFORMED_REQUEST if it is not one, VALIDATION_FAILED if it has none that can be checked
 */
export const digestsOf = (header: string | undefined): Digest[] => {
  if (header === undefined) return []
  const members = header.split(',').map((member) => /^\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):(?:;[^,]*)?\s*$/.exec(member))
  const digests = members.flatMap((member): Digest[] => {
    const [, name = '', value = ''] = member ?? []
    const algorithm = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined
    return algorithm === undefined ? [] : [{ name, algorithm, value }]
  })
  const about = { path: '/content-digest', value: header.slice(0, 200) }
  if (members.includes(null))
    throw new Problem('MALFORMED_REQUEST', 'Content-Digest cannot be read', [
      { ...about, code: 'malformed', message: 'must be written as in sha-256=:BASE64: (RFC 9530)' },
    ])
  if (digests.length === 0)
    throw new Problem('VALIDATION_FAILED', undefined, [
      { ...about, code: 'unknown_algorithm', message: `must name one of ${Object.keys(algorithms).join(', ')}` },
    ])
  return digests
}

/** @throws Problem VALIDATION_FAILED if the bytes hash to something else */
export const requireDigests = (bytes: Uint8Array, digests: readonly Digest[]): void => {
  for (const { name, algorithm, value } of digests) {
    const found = createHash(algorithm).update(bytes).digest()
    if (found.equals(Buffer.from(value, 'base64'))) continue
    const message = `does not fit the body, whose ${name} is :${found.toString('base64')}:`
    throw new Problem('VALIDATION_FAILED', 'The body is not what Content-Digest says', [
      { path: '/content-digest', code: 'digest_mismatch', message, value: `${name}=:${value}:` },
    ])
  }
}
