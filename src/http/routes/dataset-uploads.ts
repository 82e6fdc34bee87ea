/** Files as bodies: as they are, or one part of a form. */
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { createApiChecks } from '../../api/checks.ts'
import {
  type FormOptions,
  FormOptionsSchema,
  filingOptions,
  type UploadOptions,
  UploadOptionsSchema,
  type UploadQuery,
  uploadOptions,
} from '../../api/upload-options.schema.ts'
import { Problem, type ValidationError } from '../../contracts/error-codes.ts'
import { fileMediaTypes, formatOfFile, formatOfType, formMediaTypes, uploadFormats } from '../../features/datasets/formats/all-formats.ts'
import type { FileFormat } from '../../features/datasets/formats/upload-format.ts'
import type { FileHints } from '../../features/datasets/table/piece-reader.ts'
import type { FileTask } from '../../features/datasets/table/read-table.ts'
import { textErrors } from '../../validation/storable-text.ts'
import { pointer, shown, throwIfInvalid } from '../../validation/validation-errors.ts'
import type { BodyBudget } from '../bodies/body-budget.ts'
import { type AskZstd, contentEncodings, decompress, encodingOf } from '../bodies/content-encoding.ts'
import { flowInto } from '../bodies/flow.ts'
import { limitBytes, tooLarge } from '../bodies/limit-bytes.ts'
import { type Pace, requireProgress } from '../bodies/progress.ts'
import { largeBody } from '../bodies/read-body.ts'
import { askForBody } from '../plugins/early-answers.ts'
import type { App } from '../types.ts'
import { type FormFile, readForm } from './form.ts'

/** Stores a file with its options. */
type Store<Stored> = (file: Readable, options: FileTask) => Promise<Stored>

const formType = 'multipart/form-data'
const check = createApiChecks()
const checkFormOptions = check(FormOptionsSchema, '/options')
const checkQueryOptions = check(UploadOptionsSchema)

/** What a body of the route may be, as its Content-Type names it. */
export const uploadTypes: string[] = [...uploadFormats.map(({ mediaTypes: [type] }) => type), formType]

/** What may be sent, by its Content-Type. */
export const uploadDescription = [
  ...uploadFormats.map(({ mediaTypes: [type], description }) => `\`${type}\`: ${description}.`),
  `\`${formType}\`: a part \`file\` with such a file (no JSON), and a part \`options\`.`,
  `Any of them may come compressed: \`Content-Encoding: ${contentEncodings.join('` or `')}\`.`,
].join('\n\n')

/** Lets files through as streams of at most `limit` bytes, and decompresses what came compressed. */
export const addUploadBodies = (app: App, { limit, askZstd }: { limit: number; askZstd: AskZstd }): void => {
  app.addHook('preParsing', async ({ headers }, _reply, payload) => {
    const encoding = encodingOf(headers['content-encoding'])
    return encoding ? decompress(payload as Readable, encoding, askZstd) : payload
  })
  app.addContentTypeParser([...fileMediaTypes, formType], (request, payload, done) => {
    if (Number(request.headers['content-length']) > limit) done(tooLarge(limit))
    else done(null, flowInto(payload, limitBytes(limit)))
  })
}

/** True for a request whose body is a file. */
export const isUpload = (request: FastifyRequest): boolean => isForm(request) || formatOfType(typeOf(request)) !== undefined

/** Finds the file and what is said about it, and stores it. One that may be large first waits for its turn, and must not come too slowly. */
export const readUpload = async <Stored>(
  request: FastifyRequest,
  query: UploadQuery,
  { turns, pace, store }: { turns: BodyBudget; pace: Pace; store: Store<Stored> },
): Promise<Stored> => {
  const body = request.body as Readable
  const named = optionsOf(query)
  const hints = hintsOf({ ...query, ...named })
  throwIfInvalid(checkQueryOptions(named))
  if (!(Number(request.headers['content-length']) < largeBody) || encodingOf(request.headers['content-encoding'])) {
    const share = await turns.take(1)
    request.whenAnswered(share.giveBack)
    requireProgress(request.raw, body, { share, pace, fail: (problem) => body.destroy(problem) })
  }
  const ask = (): void => askForBody(request.raw)
  const format = formatOfType(typeOf(request))
  if (format) {
    ask()
    return store(body, { format, hints: { ...hints, contentType: typeOf(request) }, options: async () => named })
  }
  return readForm(body, { headers: request.headers, ask }, async (file) => {
    const formatOfPart = requireFormat(file)
    const said = readFields(file.before)
    const options = async (): Promise<UploadOptions> => ({ ...named, ...uploadOptionsOf(readFields(await file.fields), said) })
    return store(file.stream, { format: formatOfPart, hints: { ...hints, ...hintsOf(said) }, options })
  })
}

/** How to read a file of which all is known: its media type, and what the part `options` of a form would say. */
export const fileTask = (contentType: string, options: FormOptions): FileTask => ({
  format: requireFileType(contentType),
  hints: { ...hintsOf(options), contentType },
  options: async () => pickUploadOptions(options),
})

/**
 * How to read a file that a host serves: what it is follows from its media type and the end of its name.
 * @throws Problem UNSUPPORTED_MEDIA_TYPE with the media types that there are
 */
export const servedFileTask = ({ servedType, filename }: { servedType: string; filename: string }, options: FormOptions): FileTask => {
  const mediaType = mediaTypeOf(servedType)
  const format = formatOfFile({ filename, mediaType })
  if (format) return { ...fileTask(format.mediaTypes[0], options), hints: { ...hintsOf(options), contentType: servedType } }
  const message = `is ${mediaType || 'of no media type'}, which no table is: say contentType, one of application/json, ${fileMediaTypes.join(', ')}`
  throw new Problem('UNSUPPORTED_MEDIA_TYPE', `The file ${message}`, [
    { path: '/contentType', code: 'unsupported_media_type', message, ...shown(servedType) },
  ])
}

/** Whether a file is JSON: by the media type that was said, else by that of its host and the end of its name. */
export const isJsonFile = (said: string | null, { servedType, filename }: { servedType: string; filename: string }): boolean => {
  if (said !== null) return isJsonType(said)
  if (fileMediaTypes.includes(mediaTypeOf(servedType))) return false
  return /\.json$/i.test(filename) || (isJsonType(servedType) && !formatOfFile({ filename, mediaType: '' }))
}

/** Whether a media type is that of JSON. */
export const isJsonType = (contentType: string): boolean => /^application\/(?:[\w.-]+\+)?json$/.test(mediaTypeOf(contentType))

/** The format of files of this media type. @throws Problem VALIDATION_FAILED with those that there are */
export const requireFileType = (contentType: string): FileFormat => {
  const format = formatOfType(contentType)
  if (format) return format
  const message = `must be one of ${fileMediaTypes.join(', ')}`
  throw new Problem('VALIDATION_FAILED', undefined, [
    { path: '/contentType', code: 'unsupported_media_type', message, ...shown(contentType) },
  ])
}

/** Options of files in the query of a JSON body, where nobody would look at them. */
export const jsonQueryErrors = (query: object): ValidationError[] =>
  Object.entries(query).map(([name, value]) => {
    const [option = name] = name.split('[')
    const message =
      option in uploadOptions
        ? `does nothing for a JSON body: put "${option}" into the body`
        : 'does nothing for a JSON body: it says how a text file is written, so leave it out'
    return { path: pointer(name), code: 'misplaced', message, ...shown(value) }
  })

/** Without parameters. */
const mediaTypeOf = (contentType: string): string => contentType.split(';')[0]?.trim().toLowerCase() ?? ''
const typeOf = ({ headers }: FastifyRequest): string => headers['content-type'] ?? ''
const isForm = (request: FastifyRequest): boolean => typeOf(request).toLowerCase().startsWith(formType)

const earlyOptions: readonly string[] = ['delimiter', 'header', 'quote', 'decimal', 'charset', 'columns', 'missing', 'badRows']
/** Options that only count once a file has been read, so that they may come behind it. */
const lateOptions: readonly string[] = ['features', 'labels', 'inputShape', ...Object.keys(filingOptions)]

/** The options that count at the end of a file. @throws if others are said that its beginning was read without */
const uploadOptionsOf = (options: FormOptions, saidBefore: FormOptions): UploadOptions => {
  const late = Object.entries(options).filter(([name]) => !lateOptions.includes(name) && !(name in saidBefore))
  throwIfInvalid(
    late.map(([name, value]) => ({
      path: pointer('options', name),
      code: 'too_late',
      message: `comes behind the file, which is read as it comes in: send the part options before the part file, or say ${inQuery(name)} in the query`,
      ...shown(value),
    })),
  )
  return pickUploadOptions(options)
}

const pickUploadOptions = (options: FormOptions): UploadOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => name in uploadOptions))

const inQuery = (name: string): string => ({ columns: '?columns[name]=', badRows: '?badRows[max]=' })[name] ?? `?${name}=`

/** What must be known of a file before it is read. */
const hintsOf = (options: object): FileHints =>
  Object.fromEntries(Object.entries(options).filter(([name, value]) => earlyOptions.includes(name) && value !== undefined))

const requireFormat = (file: FormFile): FileFormat => {
  if (file.name !== 'file') throw unexpected(file.name)
  const format = formatOfFile(file)
  if (format) return format
  const message = `must be one of ${formMediaTypes.join(', ')}`
  throw new Problem('UNSUPPORTED_MEDIA_TYPE', `The file is ${file.mediaType}; it ${message}`, [
    { path: '/file', code: 'unsupported_media_type', message, value: file.mediaType },
  ])
}

const optionsOf = ({ features, labels, inputShape, missing, name, expiresAt, ...query }: UploadQuery): UploadOptions => {
  const columns = entriesOf('columns', query)
  const metadata = entriesOf('metadata', query)
  const max = query['badRows[max]']
  return {
    ...(features ? { features: names(features) } : {}),
    ...(labels ? { labels: names(labels) } : {}),
    ...(inputShape ? { inputShape: inputShape.split(',').map(Number) } : {}),
    ...(columns ? { columns } : {}),
    ...(missing === undefined ? {} : { missing: names(missing) }),
    ...(max === undefined ? {} : { badRows: { max } }),
    ...(name === undefined ? {} : { name }),
    ...(metadata ? { metadata } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}

/** `parameter[key]=value` as `{key: value}`; undefined if there is none. */
const entriesOf = <Name extends 'columns' | 'metadata'>(parameter: Name, query: UploadQuery) => {
  const found = Object.entries(query).flatMap(([name, value]) =>
    name.startsWith(`${parameter}[`) ? [[name.slice(parameter.length + 1, -1), value]] : [],
  )
  return found.length > 0 ? Object.fromEntries(found) : undefined
}

const names = (list: string): string[] => list.split(',').map((name) => name.trim())

const readFields = ({ options, ...others }: Readonly<Record<string, string>>): FormOptions => {
  const [other] = Object.keys(others)
  if (other !== undefined) throw unexpected(other)
  if (options === undefined) return {}
  const parsed = parseJson(options)
  throwIfInvalid([...checkFormOptions(parsed), ...textErrors(parsed).map((error) => ({ ...error, path: `/options${error.path}` }))])
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
