/** multipart/form-data with one file and JSON fields, read while it comes in. */
import type { IncomingHttpHeaders } from 'node:http'
import { finished, type Readable } from 'node:stream'
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy'
import { Problem } from '../../contracts/error-codes.ts'
import { pointer } from '../../validation/validation-errors.ts'
import { ignore } from '../bodies/flow.ts'

const maxFieldBytes = 1024 * 1024

type Fields = Record<string, string>
/** A file of a form, the fields that came before it, and a promise of all of them, since others may come behind it. */
export type FormFile = {
  name: string
  filename: string
  mediaType: string
  stream: Readable
  before: Readonly<Fields>
  fields: Promise<Fields>
}

/**
 * Reads a form to its end, once `ask` has said that it may come, and gives what `onFile` makes of its file. Once anything fails the rest is not read: whoever
 * gave the body sees that it is no longer wanted.
 * @throws Problem MALFORMED_BODY if it is no form, VALIDATION_FAILED if it has no file
 */
export const readForm = async <Result>(
  body: Readable,
  { headers, ask }: { headers: IncomingHttpHeaders; ask: () => void },
  onFile: (file: FormFile) => Promise<Result>,
): Promise<Result> => {
  const form = openForm(headers)
  ask()
  const fields: Fields = Object.create(null)
  const parts = new Set<Readable>()
  let result: Promise<Result> | undefined
  /** Options that were sent as a file: their text is whole a little later than the next part begins. */
  let optionsKept: Promise<string> | undefined
  let failure: { error: unknown } | undefined

  const ended = new Promise<Fields>((resolve, reject) => {
    /** The first failure counts; what is still being read of the form hears of it. */
    const fail = (error: unknown): void => {
      failure ??= { error }
      body.unpipe(form)
      body.destroy()
      form.destroy()
      for (const part of parts) part.destroy(new Error('the form failed'))
      reject(failure.error)
    }
    form.on('field', (name, value) => {
      fields[name] = value
    })
    form.on('file', (name, stream, filename, _encoding, mediaType) => {
      parts.add(stream)
      // Of a form that breaks off within a part the part is told first, or alone.
      stream.on('error', () => fail(malformed()))
      stream.once('close', () => parts.delete(stream))
      if (name === 'options')
        optionsKept = keepText(stream).then((text) => {
          fields.options = text
          return text
        })
      else if (result) fail(oneTooMany(name))
      else {
        const file = async (): Promise<Result> => {
          const before = { ...fields }
          const options = await optionsKept
          return onFile({
            name,
            filename,
            mediaType,
            stream,
            before: options === undefined ? before : { ...before, options },
            fields: ended,
          })
        }
        result = file()
        result.catch(fail)
      }
    })
    form.on('error', () => fail(malformed()))
    form.once('finish', () => resolve(fields))
    // Also of a body that broke off before anybody looked at it.
    finished(body, { writable: false }, (error) => {
      if (error) fail(error instanceof Problem ? error : malformed())
    })
  })
  ended.catch(ignore)
  body.pipe(form)

  await ended
  if (!result) throw new Problem('VALIDATION_FAILED', 'The form has no file', [{ path: '/file', code: 'required', message: 'is required' }])
  return result
}

/** Some clients send a field with a media type as if it were a file. */
const keepText = (stream: Readable): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxFieldBytes) chunks.push(chunk)
  })
  return new Promise((done) => stream.once('end', () => done(Buffer.concat(chunks).toString())))
}

const oneTooMany = (name: string): Problem =>
  new Problem('VALIDATION_FAILED', 'The form has more than one file', [
    { path: pointer(name), code: 'maxItems', message: 'is one file too many: a form holds one' },
  ])

const openForm = (headers: IncomingHttpHeaders): BusboyInstance => {
  try {
    return new Busboy({ headers: headers as BusboyHeaders, limits: { files: 8, fields: 8, fieldSize: maxFieldBytes } })
  } catch {
    throw malformed()
  }
}

const malformed = (): Problem =>
  new Problem('MALFORMED_BODY', 'The body is not a form', [{ path: '/body', code: 'malformed', message: 'is not multipart/form-data' }])
