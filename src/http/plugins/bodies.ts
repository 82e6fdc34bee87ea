/** How bodies are read: JSON here, streams where a route takes them, and a hash of every byte for who asks. */
import { createHash } from 'node:crypto'
import { pipeline, type Readable, Transform } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { throwIfFaulty } from '../../contracts/faults.ts'
import { Problem } from '../../contracts/problems.ts'
import { textFaults } from '../../contracts/storable-text.ts'
import type { App } from '../types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** SHA-256 of the body once it has been read to its end; what is unread is read for it. Null unless asked for in time. */
    bodyHash: (() => Promise<string>) | null
  }
}

/** How much of a body that is too large is read and forgotten, so that the client can finish sending and read the answer. */
const patienceFactor = 16

/** JSON, whatever its exact media type. An empty body is none, so that a POST without one may say that it is JSON. */
export const addJsonBodies = (app: App): void => {
  app.removeAllContentTypeParsers()
  app.addHook('onRequest', async ({ headers }) => {
    const encoding = headers['content-encoding'] ?? 'identity'
    if (encoding === 'identity') return
    const message = `must be left out: send the body as it is, without ${encoding}`
    const fault = { path: '/content-encoding', code: 'unsupported_encoding', message, value: encoding }
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', `Content-Encoding ${message}`, [fault])
  })
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json\b/, async (request: FastifyRequest, payload: Readable) => {
    const body = await readBody(payload, request.routeOptions.bodyLimit ?? app.initialConfig.bodyLimit ?? 0)
    return body.length === 0 ? undefined : parseJson(body)
  })
}

const decoder = new TextDecoder('utf-8', { fatal: true })
/** How JSON spells what cannot be stored; it may also match harmless text, so what matches is looked at again. */
const suspicious = /\\u(?:0000|d[89a-f])/i

/** @throws Problem MALFORMED_BODY where it is not JSON, VALIDATION_FAILED for text that no database can hold */
const parseJson = (body: Buffer): unknown => {
  let text: string
  let value: unknown
  try {
    text = decoder.decode(body)
    value = JSON.parse(text)
  } catch (error) {
    const message = error instanceof SyntaxError ? error.message : 'is not UTF-8'
    throw new Problem('MALFORMED_BODY', 'The body is not JSON', [{ path: '/body', code: 'malformed', message }])
  }
  if (suspicious.test(text)) throwIfFaulty(textFaults(value))
  return value
}

/** The whole body. @throws Problem BODY_TOO_LARGE beyond `limit` bytes */
const readBody = async (payload: Readable, limit: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= limit) chunks.push(chunk)
    else chunks.length = 0
    if (bytes > patienceFactor * limit) break
  }
  if (bytes > limit) throw new Problem('BODY_TOO_LARGE', `The body is larger than ${limit} bytes`)
  return Buffer.concat(chunks)
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

/** Passes a stream on, and at its end fails with BODY_TOO_LARGE where it was longer than `limit` bytes. */
export const limitBytes = (limit: number): Transform => {
  const tooLarge = new Problem('BODY_TOO_LARGE', `The body is larger than ${limit} bytes`)
  let bytes = 0
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length
      if (bytes <= limit) done(null, chunk)
      else if (bytes <= 2 * limit) done()
      else done(tooLarge)
    },
    flush: (done) => done(bytes > limit ? tooLarge : null),
  })
}
