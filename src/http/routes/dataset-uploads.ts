/** Files as bodies: a CSV as it is, or one part of a form. */
import type { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { type UploadOptions, UploadOptionsSchema } from '../../contracts/dataset.ts'
import { throwIfFaulty } from '../../contracts/faults.ts'
import { Problem } from '../../contracts/problems.ts'
import { createChecks } from '../../contracts/validate.ts'
import type { CsvOptions } from '../../features/datasets/dataset.service.ts'
import { limitBytes } from '../plugins/bodies.ts'
import type { App } from '../types.ts'

/** Options of a file as query parameters. */
type UploadQuery = { features?: string; labels?: string; inputShape?: string; delimiter?: string }
/** Stores a file with its options. */
type Store<Stored> = (file: Readable, options: CsvOptions) => Promise<Stored>

const csvTypes = ['text/csv', 'application/csv']
const fileTypes = [...csvTypes, 'application/vnd.ms-excel', 'application/octet-stream', 'text/plain']
const checkOptions = createChecks()(UploadOptionsSchema, '/options')

/** Lets files through as streams of at most `limit` bytes. */
export const addUploadBodies = (app: App, limit: number): void => {
  app.register(multipart, { limits: { files: 1, fields: 8, fieldSize: 1024 * 1024, fileSize: limit }, throwFileSizeLimit: true })
  app.addContentTypeParser(csvTypes, (request, payload, done) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) return done(new Problem('BODY_TOO_LARGE'))
    done(null, payload.pipe(limitBytes(limit)))
  })
}

/** True for a request whose body is a file. */
export const isTable = (request: FastifyRequest): boolean => request.isMultipart() || isCsv(request)

const isCsv = ({ headers }: FastifyRequest): boolean => csvTypes.some((type) => headers['content-type']?.toLowerCase().startsWith(type))

/** Finds the file and what is said about it, and stores it. */
export const readUpload = async <Stored>(request: FastifyRequest, query: UploadQuery, store: Store<Stored>): Promise<Stored> => {
  const { delimiter } = query
  const named = optionsOf(query)
  if (isCsv(request)) return store(request.body as Readable, { delimiter, options: async () => named })

  const parts = request.parts()
  let form: UploadOptions = {}
  for await (const part of parts) {
    if (part.type === 'field') form = { ...form, ...optionsOfField(part.fieldname, part.value) }
    else {
      if (part.fieldname !== 'file') throw unexpected(part.fieldname)
      if (!fileTypes.includes(part.mimetype) && !part.filename?.endsWith('.csv'))
        throw new Problem('UNSUPPORTED_MEDIA_TYPE', `The file is ${part.mimetype}; text/csv is supported`)
      // Options may also come behind the file.
      const options = async (): Promise<UploadOptions> => {
        for await (const later of parts) {
          if (later.type !== 'field') throw unexpected(later.fieldname)
          form = { ...form, ...optionsOfField(later.fieldname, later.value) }
        }
        return { ...named, ...form }
      }
      return store(part.file, { delimiter, options })
    }
  }
  throw new Problem('VALIDATION_FAILED', 'The form has no file', [{ path: '/file', code: 'required', message: 'is required' }])
}

const optionsOf = ({ features, labels, inputShape }: UploadQuery): UploadOptions => ({
  ...(features ? { features: names(features) } : {}),
  ...(labels ? { labels: names(labels) } : {}),
  ...(inputShape ? { inputShape: inputShape.split(',').map(Number) } : {}),
})

const names = (list: string): string[] => list.split(',').map((name) => name.trim())

const optionsOfField = (name: string, value: unknown): UploadOptions => {
  if (name !== 'options') throw unexpected(name)
  const options = parseJson(String(value))
  throwIfFaulty(checkOptions(options))
  return options as UploadOptions
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem('MALFORMED_BODY', 'The options are not JSON', [{ path: '/options', code: 'malformed', message: 'is not JSON' }])
  }
}

const unexpected = (name: string): Problem =>
  new Problem('VALIDATION_FAILED', 'The form has an unknown part', [
    { path: `/${name}`, code: 'unknown_field', message: 'is not a known part; there are file and options' },
  ])
