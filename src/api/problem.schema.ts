/** The body of every answer that is not a success: RFC 9457 problem details, with all validation errors at once. */
import { type Static, Type } from 'typebox'
import { type ProblemCode, problemCatalog } from '../contracts/error-codes.ts'
import { ref } from './ref.ts'

/** One thing wrong with a request. */
export const ValidationErrorSchema = Type.Object(
  {
    path: Type.String({
      minLength: 1,
      description: 'JSON Pointer to what is wrong in the body, or the name of a parameter or header behind a slash.',
    }),
    code: Type.String({ description: 'What kind of validation error it is, for programs.' }),
    message: Type.String({ description: 'What is wrong, for people.' }),
    line: Type.Optional(Type.Integer({ minimum: 1, description: 'Line of an uploaded file, from 1, header included.' })),
    column: Type.Optional(Type.String({ description: 'Column of an uploaded file.' })),
    value: Type.Optional(Type.Unknown({ description: 'What was found there.' })),
  },
  { $id: 'ValidationError' },
)

/** RFC 9457 problem details. */
export const ProblemDocument = Type.Object(
  {
    type: Type.String({ description: 'URI of the kind of problem.' }),
    title: Type.String({ description: 'The kind of problem in words; always the same for a code.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    code: Type.Unsafe<ProblemCode>({
      type: 'string',
      enum: Object.keys(problemCatalog),
      description: 'Stable name of the kind of problem.',
    }),
    detail: Type.String({ description: 'What went wrong this time.' }),
    instance: Type.String({ description: 'Path of the request.' }),
    requestId: Type.String({ description: 'Also in the X-Request-Id header; quote it when asking for help.' }),
    errors: Type.Array(ref(ValidationErrorSchema), { description: 'Every validation error that was found, at once.' }),
  },
  {
    $id: 'Problem',
    description: 'Problem details (RFC 9457).',
    examples: [
      {
        type: 'urn:trainyard:problem:VALIDATION_FAILED',
        title: 'The request is well-formed but wrong',
        status: 422,
        code: 'VALIDATION_FAILED',
        detail: 'The request has 1 validation error',
        instance: '/v1/jobs',
        requestId: 'req_01kaf3m5d9v0q8c1x2y3z4w5a6',
        errors: [{ path: '/training/epochs', code: 'minimum', message: 'must be >= 1', value: -3 }],
      },
    ],
  },
)
export type ProblemDocument = Static<typeof ProblemDocument>
