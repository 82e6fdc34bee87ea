/** One place where failures become answers: RFC 9457 problem details, without internals. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { ProblemDocument } from '../../api/problem.schema.ts'
import { Problem, type ProblemCode, problemCatalog, type ValidationError } from '../../contracts/error-codes.ts'
import { shown } from '../../validation/validation-errors.ts'
import type { App } from '../types.ts'
import { createMethodTable } from './method-table.ts'

/** Renders every thrown error and every unknown path. `isUnavailable` tells what passes from what is a failure of ours. */
export const addProblemDetails = (app: App, isUnavailable: (error: unknown) => boolean): void => {
  const methods = createMethodTable(app)

  app.setErrorHandler((error: FastifyError | Problem, request, reply) => {
    const problem = isUnavailable(error) ? unavailable() : toProblem(error, request)
    // A client that goes away while it sends is nobody's failure.
    if (request.raw.readableAborted) request.log.info('the client went away')
    else if (problem.code === 'INTERNAL') request.log.error({ err: error }, 'request failed')
    else if (problem.code === 'UNAVAILABLE') request.log.warn({ reason: error.message }, 'the database is not available')
    return sendProblem(problem, request, reply)
  })

  const answerUnknown = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const allowed = methods.allowedAt(request.url)
    if (allowed.length === 0) return sendProblem(new Problem('NOT_FOUND', `There is nothing at ${pathOf(request)}`), request, reply)
    reply.header('allow', allowed.join(', '))
    return sendProblem(new Problem('METHOD_NOT_ALLOWED', `${request.method} is not allowed here; ${allowed.join(', ')} is`), request, reply)
  }
  app.setNotFoundHandler(answerUnknown)
  // Before a body is looked at: what it holds doesn't matter if nobody takes it.
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (request.is404 || methods.isMisled(request)) answerUnknown(request, reply)
    else done(null, payload)
  })
}

/** Answers with a problem. */
export const sendProblem = (problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const { code, status } = problem
  const document = problemDocument(problem, { instance: pathOf(request), requestId: request.id })
  if (document.errors.length === 0) document.errors = errorOfId(problem, request)
  if (code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer')
  if (status === 503 || code === 'IDEMPOTENCY_IN_PROGRESS') reply.header('retry-after', '1')
  if (code === 'QUEUE_FULL') reply.header('retry-after', '5')
  return reply.code(status).type('application/problem+json; charset=utf-8').send(document)
}

/** A problem as it is sent. */
export const problemDocument = (
  { code, status, message, errors }: Problem,
  about: Pick<ProblemDocument, 'instance' | 'requestId'>,
): ProblemDocument => ({
  type: `urn:trainyard:problem:${code}`,
  title: problemCatalog[code].title,
  status,
  code,
  detail: message,
  ...about,
  errors: errors.length > 0 ? errors : errorOfCode(code, message),
})

/** The problem behind an error; what nobody foresaw is INTERNAL, and its text stays here. */
export const toProblem = (error: FastifyError | Problem, request: FastifyRequest): Problem => {
  if (error instanceof Problem) return missingBody(error, request) ?? error
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedType(request)
  const code = codes[error.code]
  if (code) return new Problem(code)
  if (error.statusCode === 429) return new Problem('RATE_LIMITED')
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500) return new Problem('MALFORMED_REQUEST')
  return new Problem('INTERNAL')
}

const unavailable = (): Problem =>
  new Problem('UNAVAILABLE', 'The database cannot be reached, is full or too busy: send the same again later')

/** What the code itself is about, if nothing more is known. */
const errorOfCode = (code: ProblemCode, message: string): ValidationError[] => {
  const entry: { title: string; about?: string } = problemCatalog[code]
  return entry.about ? [{ path: entry.about, code: code.toLowerCase(), message }] : []
}

/** What is not there, or not in the right state, is what the path names. */
const errorOfId = ({ code, message }: Problem, { params }: FastifyRequest): ValidationError[] => {
  const { id } = (params ?? {}) as { id?: string }
  return id !== undefined && (code === 'NOT_FOUND' || code === 'CONFLICT')
    ? [{ path: '/id', code: code.toLowerCase(), message, ...shown(id) }]
    : []
}

/** A body that isn't there cannot be parsed, while a body that is there may be wrong. */
const missingBody = (problem: Problem, request: FastifyRequest): Problem | undefined => {
  const { validationContext } = problem as Problem & { validationContext?: string }
  if (validationContext !== 'body' || request.body !== undefined) return undefined
  return new Problem('MALFORMED_BODY', 'A JSON body is needed', [{ path: '/body', code: 'required', message: 'is required' }])
}

/** Says what the operation takes. */
const unsupportedType = ({ headers, routeOptions }: FastifyRequest): Problem => {
  const message = `must be ${(routeOptions.schema?.consumes ?? ['application/json']).join(' or ')}`
  return new Problem('UNSUPPORTED_MEDIA_TYPE', `Content-Type ${message}`, [
    { path: '/content-type', code: 'unsupported_media_type', message, ...shown(headers['content-type']) },
  ])
}

const codes: Record<string, ProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED_BODY',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MALFORMED_BODY',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'MALFORMED_BODY',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_REQ_FILE_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_PARTS_LIMIT: 'BODY_TOO_LARGE',
  FST_FILES_LIMIT: 'BODY_TOO_LARGE',
  FST_FIELDS_LIMIT: 'BODY_TOO_LARGE',
}

const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? url
