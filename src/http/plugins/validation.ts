import { Readable } from 'node:stream'
import { createApiChecks } from '../../api/checks.ts'
import { components } from '../../api/components.ts'
import { toJsonAnswer } from '../../api/write-json.ts'
import { Problem, type ValidationError } from '../../contracts/error-codes.ts'
import { textErrors } from '../../validation/storable-text.ts'
import type { Check } from '../../validation/validate.ts'
import { createErrorList } from '../../validation/validation-errors.ts'
import { CheckedBody } from '../bodies/checked-body.ts'
import type { App } from '../types.ts'

/**
 * Checks requests against their schemas, with every validation error at once; answers are sent as they are. What the
 * document does not know of a query is refused, so an operation without a schema of its query takes none (see `anyQuery`).
 */
export const addValidation = (app: App): void => {
  for (const schema of components) app.addSchema(schema)
  app.addHook('onRoute', (route) => {
    if (route.schema && !route.schema.hide) route.schema = { querystring: noQuery, ...route.schema }
  })
  const checkBody = createApiChecks()
  const checkText = createApiChecks({ coerce: true })

  app.setValidatorCompiler(({ schema, httpPart }) => {
    const check = httpPart === 'body' ? checkBody(schema) : checkText(schema)
    return (value: unknown) => {
      if (value instanceof CheckedBody) return value.validate()
      // An id that cannot even be stored belongs to nothing.
      if (httpPart === 'params' && textErrors(value).length > 0) return { error: new Problem('NOT_FOUND') }
      const errors = createErrorList()
      errors.addAll(httpPart === 'querystring' ? queryErrors(check, value) : check(value))
      const error = errors.toProblem()
      return error ? { error } : { value }
    }
  })
  app.addHook('onSend', async ({ method }, _reply, payload) => {
    // Nothing is read for an answer without a body.
    if (method === 'HEAD' && payload instanceof Readable) payload.destroy()
    return payload
  })
  // A serializer compiled from a schema would drop fields and turn "NaN" into a number's 0. Fastify sends a stream as it sends a string.
  app.setSerializerCompiler(() => (value) => toJsonAnswer(value) as string)
}

/** The query of an operation that takes none. */
const noQuery = { type: 'object', properties: {}, additionalProperties: false }

/** What is wrong with a query; of a parameter that may come several times and came once, the first is the parameter itself. */
const queryErrors = (check: Check, query: unknown): ValidationError[] => {
  const single = new Set(Object.entries(query as object).flatMap(([name, value]) => (Array.isArray(value) ? [] : [`/${name}/0`])))
  const errors = check(query).map((error) => (single.has(error.path) ? { ...error, path: error.path.slice(0, -2) } : error))
  return [...errors, ...textErrors(query)]
}
