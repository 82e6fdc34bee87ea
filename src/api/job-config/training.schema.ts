/** How the rows are passed over, and which of them are held back. */
import { type Static, Type } from 'typebox'
import { objectWithDefaults } from '../../catalog/definition.ts'
import { ref } from '../../catalog/ref.ts'
import { datasetReferenceSchema } from './parts.schema.ts'

/** Parts of the rows for cross-validation at most. */
const maxFolds = 100

export const splitsBy = ['random', 'label', 'order', 'group'] as const

export const validationSplitSchema = objectWithDefaults(
  {
    fraction: Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'Share of the rows that is held back.' }),
    by: Type.Unsafe<(typeof splitsBy)[number]>({
      type: 'string',
      enum: [...splitsBy],
      default: 'random',
      description:
        'random: rows chosen by the seed. label: the same share of each class. order: the last rows. group: whole groups of rows that have the same value of `column`, as many as come nearest to the share, one at least.',
    }),
    column: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Of `group`: the column whose values are the groups. Of `label`: which label, if there are several.',
      }),
    ),
  },
  { $id: 'ValidationSplit', description: 'Which rows are held back for validation.' },
)
export type ValidationSplit = Static<typeof validationSplitSchema>

/** Parts of the rows for cross-validation. */
export const foldsSchema = objectWithDefaults(
  {
    count: Type.Integer({ minimum: 2, maximum: maxFolds, description: 'How many parts.' }),
    by: Type.Unsafe<(typeof splitsBy)[number]>({
      type: 'string',
      enum: [...splitsBy],
      default: 'random',
      description: 'How rows are divided, as in `validationSplit`; by order, into stretches of rows that follow one another.',
    }),
    column: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'As in `validationSplit`.' })),
  },
  { $id: 'Folds', description: 'Parts of the rows, each of which is held back once.' },
)

export const trainingOptions = {
  epochs: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Passes over the training rows.' }),
  batchSize: Type.Integer({
    minimum: 1,
    maximum: 10_000_000,
    default: 32,
    description: 'Rows of a mini-batch; the last of an epoch may be smaller.',
  }),
  shuffle: Type.Boolean({ default: true, description: 'Whether each epoch takes the rows in a new order.' }),
  dropLast: Type.Boolean({ default: false, description: 'Whether an epoch leaves out a last mini-batch that is not full.' }),
  stopAtLoss: Type.Optional(
    Type.Number({
      minimum: -1e12,
      maximum: 1e12,
      description:
        'Ends the job, as succeeded, with the first epoch whose loss is at most this: the loss that earlyStopping watches if there is one, else that over the training rows.',
    }),
  ),
  validationSplit: Type.Unsafe<number | ValidationSplit>({
    default: 0,
    description: 'Share of the rows that is held back for validation, chosen at random by the seed, or which rows are.',
    if: { type: 'object' },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: ref(validationSplitSchema),
    else: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  }),
  folds: Type.Optional(
    Type.Unsafe<number | Static<typeof foldsSchema>>({
      description:
        'Cross-validation: into how many parts the rows are divided at random, or how. A sweep trains a job for each of them, one held back, and tells mean and spread of what they are measured by; a job alone says with `fold` which part is its own.',
      if: { type: 'object' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: ref(foldsSchema),
      else: { type: 'integer', minimum: 2, maximum: maxFolds },
    }),
  ),
  fold: Type.Optional(
    Type.Integer({ minimum: 1, maximum: maxFolds, description: 'Which of the `folds` this job holds back, from 1. A sweep fills it in.' }),
  ),
  validationDataset: Type.Optional(
    ref(datasetReferenceSchema, {
      description: 'A second dataset for validation in place of a share of the rows; it needs columns of the same names.',
    }),
  ),
  seed: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Seed of initial weights, order and dropout; left out, the service chooses one and echoes it.',
    }),
  ),
}

export const trainingSchema = objectWithDefaults(trainingOptions, { $id: 'Training', description: 'How the rows are passed over.' })
export type Training = Static<typeof trainingSchema>
