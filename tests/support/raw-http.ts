/** Requests byte by byte over a bare connection. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** The head of a request; a body of `length` bytes is announced where it is given. */
export const requestHead = (method: string, path: string, headers: Record<string, string>, length?: number): string =>
  [
    `${method} ${path} HTTP/1.1`,
    ...Object.entries({ host: '127.0.0.1', ...headers, ...(length === undefined ? {} : { 'content-length': String(length) }) }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    '',
    '',
  ].join('\r\n')

export const openSocket = async (port: number): Promise<Socket> => {
  // A server may end its side while we are still sending.
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  // A connection that is reset is what some tests are about.
  socket.on('error', () => {})
  return socket
}

/** All that comes until the other side ends. Unlike a stream's own reader it leaves the connection open for what is still sent. */
export const received = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    for (const end of ['end', 'close']) socket.once(end, () => resolve(Buffer.concat(chunks).toString()))
  })

/** Sends a request as it is, and gives all that comes back until the connection closes. */
export const exchange = async (port: number, request: string | Buffer): Promise<string> => {
  const socket = await openSocket(port)
  socket.write(request)
  const answer = await received(socket)
  socket.end()
  return answer
}

/** Sends the beginning of a request and breaks off: with an orderly end, or a reset. */
export const breakOff = async (port: number, beginning: string, how: 'FIN' | 'RST'): Promise<void> => {
  const socket = await openSocket(port)
  const closed = once(socket, 'close')
  await new Promise((done) => socket.write(beginning, done))
  if (how === 'RST') socket.resetAndDestroy()
  else socket.end()
  socket.resume()
  await closed
}
