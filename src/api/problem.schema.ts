/** The body of every answer that is not a success: RFC 9457 problem details, with all validation errors at once. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { type ProblemCode, problemCatalog } from '../contracts/error-codes.ts'

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
    value: Type.Optional(
      Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null(), Type.Array(Type.Number())], {
        description: 'What was found there, if it is short.',
      }),
    ),
  },
  { $id: 'ValidationError', description: 'One thing that is wrong with a request.' },
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
  },
)
export type ProblemDocument = Static<typeof ProblemDocument>
