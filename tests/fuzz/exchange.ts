/** Sends the bytes of a case over a connection of their own and reads what comes back. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytesOf, type FuzzCase, type Ids, isCutOff } from './case.ts'

export type Answer = { status: number; headers: Record<string, string>; body: Buffer }

export type Outcome = {
  /** Null: the connection ended without one. */
  answer: Answer | null
  /** From the last byte sent to the last byte read, or the end. */
  ms: number
  /** No end came in time. */
  hung: boolean
  /** The service could not be reached. */
  refused: boolean
}

/** The first final answer in what was read; undefined where it is not complete yet. */
export const parseAnswer = (read: Buffer, ended: boolean): Answer | undefined => {
  const end = read.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = read.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1])
  const rest = read.subarray(end + 4)
  if (status >= 100 && status < 200) return parseAnswer(rest, ended)
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const body = bodyOf(rest, headers, ended, status)
  return body && { status, headers, body }
}

const bodyOf = (rest: Buffer, headers: Record<string, string>, ended: boolean, status: number): Buffer | undefined => {
  if (status === 204 || status === 304) return Buffer.alloc(0)
  const length = Number(headers['content-length'])
  if (Number.isInteger(length)) return rest.length >= length ? rest.subarray(0, length) : ended ? rest : undefined
  if (headers['transfer-encoding'] !== 'chunked') return ended ? rest : undefined
  return dechunk(rest)
}

const dechunk = (rest: Buffer): Buffer | undefined => {
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    const line = rest.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(rest.subarray(at, line).toString('latin1'), 16)
    if (size === 0) return Buffer.concat(pieces)
    if (rest.length < line + 2 + size + 2) return undefined
    pieces.push(rest.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}

const pieces = 4
const pauseMs = 15
/** A client whose bytes are fewer than it said gives up after this long. */
const lieMs = 40

const send = async (socket: Socket, one: FuzzCase, bytes: Buffer): Promise<void> => {
  const { delivery } = one
  if (delivery.how === 'slowly') {
    const size = Math.ceil(bytes.length / pieces)
    for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
      socket.write(bytes.subarray(at, at + size))
      await sleep(pauseMs)
    }
    return
  }
  const cut = delivery.how === 'fin' || delivery.how === 'rst'
  // At least one byte is missing.
  socket.write(cut ? bytes.subarray(0, Math.min(bytes.length - 1, Math.floor(delivery.at * bytes.length))) : bytes)
  if (!isCutOff(one)) return
  await sleep(delivery.how === 'lying' ? lieMs : pauseMs)
  if (delivery.how === 'rst') socket.resetAndDestroy()
  else socket.end()
}

/** @param limitMs how long the service may take once all is sent */
export const exchange = (port: number, one: FuzzCase, ids: Ids, limitMs: number): Promise<Outcome> =>
  new Promise((done) => {
    const bytes = bytesOf(one, ids)
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const read: Buffer[] = []
    let since = performance.now()
    let refused = false
    let settled = false

    const finish = (answer: Answer | null, hung = false): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      socket.destroy()
      done({ answer, ms: performance.now() - since, hung, refused })
    }
    let timer = setTimeout(() => finish(null, true), limitMs + 5000)

    socket.on('connect', () => {
      void send(socket, one, bytes).then(() => {
        since = performance.now()
        clearTimeout(timer)
        if (!settled) timer = setTimeout(() => finish(null, true), limitMs)
      })
    })
    socket.on('data', (piece: Buffer) => {
      read.push(piece)
      const answer = parseAnswer(Buffer.concat(read), false)
      if (answer) finish(answer)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      refused = error.code === 'ECONNREFUSED'
    })
    const ended = (): void => finish(parseAnswer(Buffer.concat(read), true) ?? null)
    socket.on('end', ended)
    socket.on('close', ended)
  })
