/** One request as it goes over the wire, and how. Ids of what the service holds are written `{job}`, `{dataset}`, `{sweep}`. */

/** How the bytes reach the service. `at`: the share of them after which the client goes away. */
export type Delivery =
  | { how: 'whole' }
  /** Chunked transfer coding, in pieces of so many bytes. */
  | { how: 'chunked'; size: number }
  /** A few pieces with a pause in between. */
  | { how: 'slowly' }
  /** The client stops sending, or resets the connection. */
  | { how: 'fin' | 'rst'; at: number }
  /** A Content-Length of so many bytes more (or less) than are sent. */
  | { how: 'lying'; by: number }

export type FuzzCase = {
  /** The mutator that made it. */
  mutator: string
  method: string
  target: string
  headers: readonly (readonly [string, string])[]
  body: Uint8Array | null
  delivery: Delivery
}

/** What the names in a target stand for. */
export type Ids = Record<'job' | 'dataset' | 'sweep', string>

const fill = (text: string, ids: Ids): string => text.replace(/\{(job|dataset|sweep)\}/g, (_, name: keyof Ids) => ids[name])

/** The head without Content-Length or Transfer-Encoding, and the body with ids filled in. */
const rendered = ({ method, target, headers, body }: FuzzCase, ids: Ids) => {
  const lines = [`${method} ${fill(target, ids)} HTTP/1.1`, 'host: 127.0.0.1', 'connection: close']
  for (const [name, value] of headers) lines.push(`${name}: ${value}`)
  // Latin-1 keeps every byte as it is.
  const bytes = body && Buffer.from(fill(Buffer.from(body).toString('latin1'), ids), 'latin1')
  return { lines, bytes }
}

const chunked = (bytes: Buffer, size: number): Buffer => {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size)
    chunks.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')])
}

/** The bytes of a case. */
export const bytesOf = (one: FuzzCase, ids: Ids): Buffer => {
  const { lines, bytes } = rendered(one, ids)
  const { delivery } = one
  if (!bytes) return Buffer.from([...lines, '', ''].join('\r\n'), 'latin1')
  const head = (more: string): Buffer => Buffer.from([...lines, more, '', ''].join('\r\n'), 'latin1')
  if (delivery.how === 'chunked') return Buffer.concat([head('transfer-encoding: chunked'), chunked(bytes, delivery.size)])
  const length = Math.max(0, bytes.length + (delivery.how === 'lying' ? delivery.by : 0))
  return Buffer.concat([head(`content-length: ${length}`), bytes])
}

/** True where the service cannot have got all of it. */
export const isCutOff = ({ delivery }: FuzzCase): boolean =>
  delivery.how === 'fin' || delivery.how === 'rst' || (delivery.how === 'lying' && delivery.by > 0)

/** For people: what was sent, shortened. */
export const describe = (one: FuzzCase): string => {
  const body =
    one.body === null
      ? ''
      : `\n  body (${one.body.length} bytes): ${JSON.stringify(Buffer.from(one.body).toString('latin1').slice(0, 1500))}`
  return `${one.mutator}: ${one.method} ${JSON.stringify(one.target.slice(0, 500))}\n  headers: ${JSON.stringify(one.headers).slice(0, 800)}\n  sent ${JSON.stringify(one.delivery)}${body}`
}
