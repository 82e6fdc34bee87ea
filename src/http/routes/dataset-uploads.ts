/** Files as bodies: a CSV as it is, or one part of a form. */
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { type FormOptions, FormOptionsSchema, type UploadOptions, UploadOptionsSchema } from '../../api/dataset.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { CsvHints } from '../../features/datasets/csv-dialect.ts'
import type { CsvOptions } from '../../features/datasets/dataset.service.ts'
import { createChecks } from '../../validation/validate.ts'
import { pointer, throwIfInvalid } from '../../validation/validation-errors.ts'
import type { BodyBudget } from '../bodies/body-budget.ts'
import { brokenOff, flowInto } from '../bodies/flow.ts'
import { limitBytes, tooLarge } from '../bodies/limit-bytes.ts'
import { requireProgress } from '../bodies/progress.ts'
import { largeBody } from '../bodies/read-body.ts'
import { askForBody } from '../plugins/early-answers.ts'
import type { App } from '../types.ts'
import { type FormFile, readForm } from './form.ts'

/** Options of a file as query parameters. */
type UploadQuery = { features?: string; labels?: string; inputShape?: string; delimiter?: string; header?: boolean }
/** Stores a file with its options. */
type Store<Stored> = (file: Readable, options: CsvOptions) => Promise<Stored>

const tabType = 'text/tab-separated-values'
const csvTypes = ['text/csv', 'application/csv', tabType]
const fileTypes = [...csvTypes, 'application/vnd.ms-excel', 'application/octet-stream', 'text/plain']
const formType = 'multipart/form-data'
const checkFormOptions = createChecks()(FormOptionsSchema, '/options')
const checkQueryOptions = createChecks()(UploadOptionsSchema)

/** Lets files through as streams of at most `limit` bytes. */
export const addUploadBodies = (app: App, limit: number): void => {
  app.addContentTypeParser([...csvTypes, formType], (request, payload, done) => {
    if (Number(request.headers['content-length']) > limit) done(tooLarge(limit))
    else done(null, flowInto(payload, limitBytes(limit)))
  })
}

/** True for a request whose body is a file. */
export const isUpload = (request: FastifyRequest): boolean => [...csvTypes, formType].some((type) => hasType(request, type))

const hasType = ({ headers }: FastifyRequest, type: string): boolean => (headers['content-type'] ?? '').toLowerCase().startsWith(type)

/** Finds the file and what is said about it, and stores it. One that may be large first waits for its turn, and must not come too slowly. */
export const readUpload = async <Stored>(
  request: FastifyRequest,
  { delimiter, header, ...query }: UploadQuery,
  { turns, store }: { turns: BodyBudget; store: Store<Stored> },
): Promise<Stored> => {
  const body = request.body as Readable
  const named = optionsOf(query)
  throwIfInvalid(checkQueryOptions(named))
  if (!(Number(request.headers['content-length']) < largeBody)) {
    request.whenAnswered(await turns.take(1))
    requireProgress(request.raw, body, () => body.destroy(brokenOff()))
  }
  const ask = (): void => askForBody(request.raw)
  if (!hasType(request, formType)) {
    ask()
    const hints = hintsOf({ delimiter, header: header ?? headerOf(request) }, hasType(request, tabType))
    return store(body, { ...hints, options: async () => named })
  }
  return readForm(body, { headers: request.headers, ask }, async (file) => {
    requireCsv(file)
    const said = readFields(file.before)
    const hints = hintsOf({ delimiter, header, ...said }, file.mediaType === tabType || file.filename.toLowerCase().endsWith('.tsv'))
    const options = async (): Promise<UploadOptions> => ({ ...named, ...columnOptionsOf(readFields(await file.fields), said) })
    return store(file.stream, { ...hints, options })
  })
}

const hintsOf = ({ delimiter, header }: CsvHints, hasTabs: boolean): CsvHints => ({
  header,
  delimiter: delimiter === 'tab' || (hasTabs && !delimiter) ? '\t' : delimiter,
})

/** What the media type says of the first line: `text/csv; header=absent` (RFC 4180). */
const headerOf = ({ headers }: FastifyRequest): boolean | undefined => {
  const [, said] = /;\s*header\s*=\s*"?(present|absent)\b/i.exec(headers['content-type'] ?? '') ?? []
  return said === undefined ? undefined : said.toLowerCase() === 'present'
}

/** The options that count at the end of a file. @throws where others are said that its beginning was read without */
const columnOptionsOf = ({ delimiter, header, ...options }: FormOptions, saidBefore: FormOptions): UploadOptions => {
  const late = Object.entries({ delimiter, header }).filter(([name, value]) => value !== undefined && !(name in saidBefore))
  throwIfInvalid(
    late.map(([name, value]) => ({
      path: pointer('options', name),
      code: 'too_late',
      message: `comes behind the file, which is read as it comes in: send the part options before the part file, or say ?${name}= in the query`,
      value,
    })),
  )
  return options
}

const requireCsv = ({ name, filename, mediaType }: FormFile): void => {
  if (name !== 'file') throw unexpected(name)
  if (fileTypes.includes(mediaType) || /\.(csv|tsv)$/i.test(filename)) return
  const message = `must be one of ${fileTypes.join(', ')}`
  throw new Problem('UNSUPPORTED_MEDIA_TYPE', `The file is ${mediaType}; it ${message}`, [
    { path: '/file', code: 'unsupported_media_type', message, value: mediaType },
  ])
}

const optionsOf = ({ features, labels, inputShape }: Omit<UploadQuery, 'delimiter' | 'header'>): UploadOptions => ({
  ...(features ? { features: names(features) } : {}),
  ...(labels ? { labels: names(labels) } : {}),
  ...(inputShape ? { inputShape: inputShape.split(',').map(Number) } : {}),
})

const names = (list: string): string[] => list.split(',').map((name) => name.trim())

const readFields = ({ options, ...others }: Readonly<Record<string, string>>): FormOptions => {
  const [other] = Object.keys(others)
  if (other !== undefined) throw unexpected(other)
  if (options === undefined) return {}
  const parsed = parseJson(options)
  throwIfInvalid(checkFormOptions(parsed))
  return parsed as FormOptions
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
