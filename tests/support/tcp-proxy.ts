/** A way to a server that can be cut, frozen and restored, so that a test takes the server away without owning it. */
import { EventEmitter, once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Opens a port on this machine that leads to `target`, a URL with host and port; a function is asked for every connection. */
export const openProxy = async (target: string | (() => string)) => {
  const targetNow = (): URL => new URL(typeof target === 'string' ? target : target())
  const sockets = new Set<Socket>()
  const nears = new Set<Socket>()
  const refused = new EventEmitter()
  let works = true
  let hanging = false
  let lost: { text: string; done: () => void } | undefined

  const server = createServer((near) => {
    if (!works) {
      near.destroy()
      refused.emit('refused')
      return
    }
    if (hanging) {
      sockets.add(near.on('error', () => {}).on('close', () => sockets.delete(near)))
      return
    }
    const { hostname, port } = targetNow()
    const far = connect(Number(port), hostname)
    nears.add(near)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        // Whoever was cut off on one side alone is still there on the other.
        if (!nears.delete(near) && socket === near) return
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
    near.on('data', (sent: Buffer) => {
      if (!lost || !sent.includes(lost.text)) return
      const { done } = lost
      lost = undefined
      far.unpipe(near).on('data', (answer: Buffer) => {
        // The server has done it all: it is ready for the next one.
        if (answer.at(-6) !== 'Z'.charCodeAt(0)) return
        near.destroy()
        done()
      })
      far.resume()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  const url = targetNow()
  url.hostname = '127.0.0.1'
  const address = server.address()
  url.port = String(typeof address === 'object' && address ? address.port : 0)

  /** Cuts every connection, and refuses new ones until restored. */
  const cut = (): void => {
    works = false
    for (const socket of sockets) socket.destroy()
  }

  /** Cuts connections off on the client's side; the server still sees them. */
  const cutNear = (): void => {
    const cutOff = [...nears]
    nears.clear()
    for (const near of cutOff) near.unpipe().destroy()
  }

  /** Keeps every connection open and lets nothing through any more: a server that hangs. */
  const freeze = (): void => {
    for (const socket of sockets) socket.unpipe().pause()
  }

  /** Freezes, and lets new connections in to hang too, until restored. */
  const hang = (): void => {
    hanging = true
    freeze()
  }

  /**
   * Lets the next statement of PostgreSQL's that says this through, and cuts its connection in place of the answer. Resolves
   * once the server has given it.
   */
  const loseAnswer = (text: string): Promise<void> =>
    new Promise((done) => {
      lost = { text, done }
    })

  const close = async (): Promise<void> => {
    cut()
    server.close()
    await once(server, 'close')
  }

  return {
    url: url.href,
    cut,
    cutNear,
    freeze,
    hang,
    loseAnswer,
    /** Emits `refused` for every connection that came while it was cut. */
    refused,
    restore: (): void => {
      works = true
      hanging = false
    },
    /** Connections that are open now. */
    connections: (): number => Math.ceil(sockets.size / 2),
    close,
  }
}
