/** What passes between the process's own thread and the one that reads large bodies. */
import type { FormOptions } from '../../api/upload-options.schema.ts'
import type { ProblemCode, ValidationError } from '../../contracts/error-codes.ts'
import type { ReadBody } from '../../features/datasets/formats/upload-format.ts'

/** JSON in pieces, and the schema that it is to fit. Of a table that is no body of a request, what is said of it besides. */
export type BodyTask = { pieces: Uint8Array[]; schema: { $ref?: string } | undefined; said?: FormOptions }

/** A problem as it crosses threads. */
export type PlainProblem = { code: ProblemCode; detail: string; errors: ValidationError[] }

/** `unreadable` if the body is no JSON that anybody looks at, `invalid` if it is not what the route takes. */
export type BodyOutcome = { value: unknown } | { upload: ReadBody } | { unreadable: PlainProblem } | { invalid: PlainProblem }
