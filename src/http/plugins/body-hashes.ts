/** A hash of every byte of a body, for who asks in time. */
import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { brokenOff, flowInto, ignore } from '../bodies/flow.ts'
import { tooLarge } from '../bodies/limit-bytes.ts'
import type { App } from '../types.ts'
import { askForBody, isUnasked } from './early-answers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * SHA-256 of the whole body; what is unread is read for it. Once an answer is on its way only a short rest is read, and
     * the hash of a longer one is not to be had. Null unless asked for in time.
     */
    bodyHash: (() => Promise<string>) | null
    /** Whether the answer is known, so that it must not wait for the rest of a body. */
    isAnswering: boolean
  }
}

/** What is read for its hash of a body that was refused before its end: bytes, and how long they may take to come. */
const shortRest = { bytes: 1024 * 1024, ms: 2000 }

/** Hashes the body of requests for which `wanted` says so; one of more than `limit` bytes has no hash. */
export const addBodyHashes = (app: App, { wanted, limit }: { wanted: (request: FastifyRequest) => boolean; limit: number }): void => {
  app.decorateRequest('bodyHash', null)
  app.decorateRequest('isAnswering', false)
  app.addHook('onSend', async (request, _reply, payload) => {
    request.isAnswering = true
    return payload
  })
  app.addHook('preParsing', async (request, _reply, payload) => {
    if (!wanted(request)) return payload
    const { hashed, ended, endSoon } = hashing(limit)
    request.bodyHash = () => {
      if (!request.isAnswering) askForBody(request.raw)
      else if (isUnasked(request.raw)) return Promise.reject(new Error('the body was never asked for'))
      else endSoon()
      // Whoever was to read it does so no more.
      hashed.unpipe()
      hashed.resume()
      return ended
    }
    return flowInto(payload, hashed)
  })
}

/** A stream that hashes what it passes on, and a promise of the hash; `endSoon` gives it up unless only a short rest is to come. */
const hashing = (limit: number) => {
  const hash = createHash('sha256')
  let settle: { resolve: (digest: string) => void; reject: (error: Error) => void } | undefined
  const ended = new Promise<string>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // Not everybody asks for it.
  ended.catch(ignore)
  let bytes = 0
  let max = limit
  let timer: NodeJS.Timeout | undefined
  const hashed = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length
      if (bytes <= max) hash.update(chunk)
      else settle?.reject(tooLarge(max))
      done(null, chunk)
    },
    flush: (done) => {
      clearTimeout(timer)
      if (bytes <= max) settle?.resolve(hash.digest('hex'))
      done()
    },
    destroy: (error, done) => {
      clearTimeout(timer)
      settle?.reject(error ?? brokenOff())
      done(error)
    },
  })
  const endSoon = (): void => {
    max = Math.min(limit, bytes + shortRest.bytes)
    timer ??= setTimeout(() => settle?.reject(new Error('the rest of the body was not waited for')), shortRest.ms)
  }
  return { hashed, ended, endSoon }
}
