/** Models: names that stand for what a job learned. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { nullable } from './nullable.ts'
import type { Named } from './published.ts'

/** Models that a tenant may have. */
export const maxModels = 1000

const exampleJob = 'job_01kaf3m5d9v0q8c1x2y3z4w5a6'

export const ModelTargetSchema = Type.Object(
  {
    jobId: Type.String({ description: 'The job whose weights are used.' }),
    epoch: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'Which of its kept weights; left out, the newest at the time of each prediction.',
      }),
    ),
  },
  {
    $id: 'NamedModelTarget',
    additionalProperties: false,
    description: 'What a model stands for.',
    examples: [{ jobId: exampleJob, epoch: 3 }],
  },
)
export type ModelTarget = Static<typeof ModelTargetSchema>

const example = {
  name: 'prices',
  jobId: exampleJob,
  epoch: 3,
  createdAt: '2026-11-26T10:00:00.000Z',
  updatedAt: '2026-11-26T11:00:00.000Z',
}

export const ModelSchema = Type.Object(
  {
    name: Type.String(),
    jobId: Type.String({ description: 'The job that it stands for, which cannot be deleted as long.' }),
    epoch: nullable(Type.Integer(), 'Whose weights of it; null for the newest.'),
    createdAt: Type.String({ format: 'date-time', description: 'When the name was given first.' }),
    updatedAt: Type.String({ format: 'date-time', description: 'When it was switched last.' }),
  },
  { $id: 'NamedModel', description: 'A name that stands for the weights of a job.', examples: [example] },
)
export type ModelResource = Static<typeof ModelSchema>

export const ModelListSchema = Type.Object(
  { data: Type.Array(ref(ModelSchema), { description: `By name; there are ${maxModels} at most.` }) },
  { $id: 'NamedModelList', description: 'The models of a tenant.', examples: [{ data: [example] }] },
)

/** All of them, for the document. */
export const modelSchemas: readonly Named[] = [ModelTargetSchema, ModelSchema, ModelListSchema]
