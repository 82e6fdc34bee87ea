/** What passes between the process's own thread and the one that reads large bodies. */
import type { Fault, ProblemCode } from '../../contracts/problems.ts'
import type { JsonUpload } from '../../features/datasets/json-upload.ts'

/** JSON in pieces, and the schema that it is to fit. */
export type BodyTask = { pieces: Uint8Array[]; schema: { $ref?: string } | undefined }

/** A problem as it crosses threads. */
export type PlainProblem = { code: ProblemCode; detail: string; faults: Fault[] }

/** `unreadable` where the body is no JSON that anybody looks at, `faulty` where it is not what the route takes. */
export type BodyOutcome = { value: unknown } | { upload: JsonUpload } | { unreadable: PlainProblem } | { faulty: PlainProblem }
