/** How bodies are read: JSON here, streams where a route takes them, and a hash of every byte for who asks. */
import { createHash } from 'node:crypto'
import { pipeline, Transform } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../../contracts/problems.ts'
import type { App } from '../types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** SHA-256 of the body once it has been read to its end; what is unread is read for it. Null unless asked for in time. */
    bodyHash: (() => Promise<string>) | null
  }
}

/** JSON, whatever its exact media type. An empty body is none, so that a POST without one may say that it is JSON. */
export const addJsonBodies = (app: App): void => {
  app.removeAllContentTypeParsers()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json\b/, { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined)
    try {
      done(null, JSON.parse(decoder.decode(body)))
    } catch (error) {
      const message = error instanceof SyntaxError ? error.message : 'is not UTF-8'
      done(new Problem('MALFORMED_BODY', 'The body is not JSON', [{ path: '/body', code: 'malformed', message }]))
    }
  })
}

/** Hashes the body of requests for which `wanted` says so. */
export const addBodyHashes = (app: App, wanted: (request: FastifyRequest) => boolean): void => {
  app.decorateRequest('bodyHash', null)
  app.addHook('preParsing', async (request, _reply, payload) => {
    if (!wanted(request)) return payload
    const hash = createHash('sha256')
    const hashed = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        hash.update(chunk)
        done(null, chunk)
      },
    })
    const ended = new Promise<string>((resolve, reject) => {
      hashed.once('end', () => resolve(hash.digest('hex')))
      hashed.once('close', () => reject(new Error('the body was not read to its end')))
    })
    ended.catch(() => {})
    pipeline(payload, hashed, () => {})
    request.bodyHash = () => {
      hashed.resume()
      return ended
    }
    return hashed
  })
}

/** Passes a stream on and ends it with BODY_TOO_LARGE beyond `limit` bytes. */
export const limitBytes = (limit: number): Transform => {
  let bytes = 0
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length
      if (bytes > limit) done(new Problem('BODY_TOO_LARGE', `The body is larger than ${limit} bytes`))
      else done(null, chunk)
    },
  })
}
