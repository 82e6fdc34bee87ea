/** multipart/form-data with one file and JSON fields, read while it comes in. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy'
import { pointer } from '../../contracts/faults.ts'
import { Problem } from '../../contracts/problems.ts'

const maxFieldBytes = 1024 * 1024

/** A file of a form, and a promise of the form's other fields, which may come behind it. */
export type FormFile = { name: string; filename: string; mediaType: string; stream: Readable; fields: Promise<Record<string, string>> }

/**
 * Reads a form to its end and gives what `onFile` makes of its file. What follows a failure is read and forgotten, so
 * that the client can finish sending and then read the answer.
 * @throws Problem MALFORMED_BODY where it is no form, VALIDATION_FAILED where it has no file
 */
export const readForm = async <Result>(
  body: Readable,
  headers: IncomingHttpHeaders,
  onFile: (file: FormFile) => Promise<Result>,
): Promise<Result> => {
  const form = openForm(headers)
  const fields: Record<string, string> = Object.create(null)
  let second: Problem | undefined
  let result: Promise<Result> | undefined
  let failure: { error: unknown } | undefined

  form.on('field', (name, value) => {
    fields[name] = value
  })
  const ended = finished(body.pipe(form)).then(() => {
    if (second) throw second
    return fields
  })
  ended.catch(() => {})
  body.once('error', (error) => form.destroy(error))
  form.on('file', (name, stream, filename, _encoding, mediaType) => {
    form.once('error', (error: Error) => stream.destroy(error))
    if (name === 'options') return keepText(stream, (text) => Object.assign(fields, { options: text }))
    if (result) {
      second = oneTooMany(name)
      stream.resume()
      return
    }
    result = onFile({ name, filename, mediaType, stream, fields: ended })
    result.catch((error: unknown) => {
      // Nobody reads the file any more, so the form would wait for ever.
      failure = { error }
      body.unpipe(form)
      body.resume()
      form.destroy()
    })
  })

  await ended.catch((error: unknown) => {
    throw failure?.error ?? (error instanceof Problem ? error : malformed())
  })
  if (!result) throw new Problem('VALIDATION_FAILED', 'The form has no file', [{ path: '/file', code: 'required', message: 'is required' }])
  return result
}

/** Some clients send a field with a media type as if it were a file. */
const keepText = (stream: Readable, keep: (text: string) => void): void => {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxFieldBytes) chunks.push(chunk)
  })
  stream.once('end', () => keep(Buffer.concat(chunks).toString()))
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
