/** How JSON bodies are read. */
import { finished, type Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { throwIfFaulty } from '../../contracts/faults.ts'
import { Problem } from '../../contracts/problems.ts'
import { textFaults } from '../../contracts/storable-text.ts'
import { brokenOff } from '../bodies/flow.ts'
import { tooLarge } from '../bodies/limit-bytes.ts'
import type { App } from '../types.ts'
import { askForBody } from './early-answers.ts'

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
    const body = await readBody(request, payload, request.routeOptions.bodyLimit ?? app.initialConfig.bodyLimit ?? 0)
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

/** The whole body. @throws Problem BODY_TOO_LARGE beyond `limit` bytes, at once where the request says how long it is */
const readBody = async ({ raw, headers }: FastifyRequest, payload: Readable, limit: number): Promise<Buffer> => {
  if (Number(headers['content-length']) > limit) throw tooLarge(limit)
  askForBody(raw)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    payload.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= limit) chunks.push(chunk)
      else reject(tooLarge(limit))
    })
    finished(payload, { writable: false }, (error) => {
      if (error) reject(error instanceof Problem ? error : brokenOff())
      else resolve(Buffer.concat(chunks))
    })
  })
}
