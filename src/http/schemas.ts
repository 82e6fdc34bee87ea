/** Schemas that the OpenAPI document shares by name, and what routes write their own schemas with. */
import { type TSchema, Type } from 'typebox'
import { CatalogSchema } from '../api/catalog.schema.ts'
import {
  BatchSchema,
  ColumnSchema,
  CreateDatasetSchema,
  DatasetPageSchema,
  DatasetSchema,
  FormOptionsSchema,
} from '../api/dataset.schema.ts'
import { EpochSchema, EpochsSchema } from '../api/epoch.schema.ts'
import { EventSchema, EventsSchema } from '../api/event.schema.ts'
import {
  EvaluateLossSchema,
  LossValueSchema,
  PredictionsSchema,
  PredictSchema,
  SampleInitializerSchema,
  SampleSchema,
} from '../api/inference.schema.ts'
import { JobEstimateSchema, JobPageSchema, JobSchema } from '../api/job.schema.ts'
import { JobConfigSchema } from '../api/job-config.schema.ts'
import { LayersModelSchema } from '../api/layers-model.schema.ts'
import { ProblemDocument, ValidationErrorSchema } from '../api/problem.schema.ts'
import { CreateSweepSchema, SweepJobSchema, SweepPageSchema, SweepSchema, SweepSummarySchema } from '../api/sweep.schema.ts'
import { GradientSchema, GradientsSchema, TensorSchema, WeightsSchema } from '../api/tensors.schema.ts'
import { TruthSchema } from '../api/truth.schema.ts'
import { type ProblemCode, problemCatalog } from '../contracts/error-codes.ts'

/** Every schema with a name of its own. */
export const sharedSchemas: readonly (TSchema & { $id?: string })[] = [
  ValidationErrorSchema,
  ProblemDocument,
  ColumnSchema,
  TruthSchema,
  DatasetSchema,
  DatasetPageSchema,
  CreateDatasetSchema,
  FormOptionsSchema,
  BatchSchema,
  JobConfigSchema,
  JobSchema,
  JobPageSchema,
  JobEstimateSchema,
  EpochSchema,
  EpochsSchema,
  GradientSchema,
  GradientsSchema,
  TensorSchema,
  WeightsSchema,
  LayersModelSchema,
  EventSchema,
  EventsSchema,
  EvaluateLossSchema,
  LossValueSchema,
  SampleInitializerSchema,
  SampleSchema,
  PredictSchema,
  PredictionsSchema,
  CatalogSchema,
  CreateSweepSchema,
  SweepJobSchema,
  SweepSchema,
  SweepSummarySchema,
  SweepPageSchema,
]

/** Headers of an answer, by name. */
type Headers = Record<string, { type: string; description: string }>

/** A successful answer with a JSON body. */
export const answer = (description: string, schema: TSchema, headers?: Headers) => ({
  description,
  ...(headers ? { headers } : {}),
  content: { 'application/json': { schema } },
})

/** A body that is a file of bytes, in the words of OpenAPI. */
export const file = (description: string) => ({ schema: { type: 'string', format: 'binary', description, examples: ['(bytes)'] } })

/** A successful answer without a body. */
export const noContent = (description: string) => ({ description, type: 'null' })

export const locationHeader: Headers = { Location: { type: 'string', description: 'Path of what was created.' } }

/** Problems that any request may meet, those of paths that not every caller may ask, and those of paths that need a key. */
const anywhere: ProblemCode[] = ['MALFORMED_REQUEST', 'HEADERS_TOO_LARGE', 'RATE_LIMITED', 'INTERNAL']
export const callerProblems: ProblemCode[] = ['HOST_NOT_ALLOWED', 'ORIGIN_NOT_ALLOWED']
const withKey: ProblemCode[] = [...anywhere, ...callerProblems, 'UNAUTHENTICATED', 'UNAVAILABLE']
/** Problems of requests with a body. */
export const bodyProblems: ProblemCode[] = ['MALFORMED_BODY', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'VALIDATION_FAILED']
/** Problems of an Idempotency-Key. */
export const keyProblems: ProblemCode[] = ['IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_MISMATCH']

/** All answers of an operation: its own, and the problems that it may meet, by status. */
export const answers = (own: Record<number, object>, problems: readonly ProblemCode[] = []): Record<number, object> =>
  describeAll(own, [...withKey, ...problems])

/** All answers of an operation that anyone may ask for. */
export const openAnswers = (own: Record<number, object>, problems: readonly ProblemCode[] = []): Record<number, object> =>
  describeAll(own, [...anywhere, ...problems])

const describeAll = (own: Record<number, object>, problems: readonly ProblemCode[]): Record<number, object> => {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of new Set(problems)) {
    const { status } = problemCatalog[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const described = [...byStatus].map(([status, codes]) => [
    status,
    {
      description: codes.map((code) => `\`${code}\`: ${problemCatalog[code].title}.`).join(' '),
      content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
    },
  ])
  return { ...own, ...Object.fromEntries(described) }
}

/** A path parameter that is an id. */
export const idParams = (what: string, example: string) =>
  Type.Object({ id: Type.String({ description: `Id of the ${what}.`, examples: [example] }) })

/** The header that makes a POST safe to repeat. */
export const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      // No example: the reference would send it with every request, and all but the first are other requests with the same key.
      description:
        'Repeats of this request, within 24 hours, get the first answer again and do nothing. Any text that no other request has, such as a UUID.',
    }),
  ),
})
