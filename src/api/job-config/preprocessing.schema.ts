/** How the columns of a table become inputs and labels. */
import { type Static, Type } from 'typebox'
import { objectWithDefaults } from '../../catalog/definition.ts'
import { ref } from '../../catalog/ref.ts'
import { largestFloat32 } from '../numbers.ts'
import { columnNames } from './column-names.schema.ts'

/** What becomes of missing cells, and what it fills them with, if it does. */
export const missingStrategies = {
  reject: { fillsWith: null },
  dropRows: { fillsWith: null },
  mean: { fillsWith: 'learned' },
  median: { fillsWith: 'learned' },
  mostFrequent: { fillsWith: 'learned' },
  constant: { fillsWith: 'value' },
} as const
export type MissingStrategy = keyof typeof missingStrategies

const unseenCategories = { zeros: 'zeros', error: 'error' } as const

/** What becomes of the missing cells of a feature. */
export const missingRuleSchema = objectWithDefaults(
  {
    strategy: Type.Unsafe<MissingStrategy>({
      type: 'string',
      enum: Object.keys(missingStrategies),
      description:
        'reject: the job is refused, and so is a row to predict. dropRows: such rows are left out, and counted. The others fill: with the mean, the median or the most frequent value of the training rows, the smallest of several, or with `value`. Of categories and booleans mean and median are the most frequent value.',
    }),
    value: Type.Optional(
      Type.Unsafe<number | string | boolean>({
        type: ['number', 'string', 'boolean'],
        minimum: -largestFloat32,
        maximum: largestFloat32,
        description: 'What `constant` fills with: a number, a level of a category, a date; 0 unless given.',
      }),
    ),
    indicator: Type.Boolean({
      default: false,
      description: 'Whether a further input, behind all others, is 1 where the cell was missing; only for columns of which some are.',
    }),
  },
  { $id: 'MissingRule', description: 'What becomes of missing cells.' },
)
export type MissingRule = Static<typeof missingRuleSchema>

/** One rule for all features, or rules by column; columns that have none are rejected. */
export type MissingRules = MissingRule | Record<string, MissingRule>

const allOrSome = (description: string) =>
  Type.Unsafe<boolean | string[]>({
    default: false,
    description,
    if: { type: 'array' },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: columnNames,
    else: { type: 'boolean' },
  })

/** How features and labels are prepared; what is learned for it comes from the training rows alone. */
export const preprocessingOptions = {
  standardize: allOrSome('Which features become (x - mean) / std: all numbers and dates that nothing else is said of, or those named.'),
  minMax: allOrSome('Which features become (x - min) / (max - min), likewise.'),
  robust: allOrSome('Which features become (x - median) / (third quartile - first quartile), likewise.'),
  standardizeLabels: Type.Boolean({
    default: false,
    description:
      'Whether labels that are numbers are trained as (y - mean) / std. Predictions, metrics and losses are told in the units of the labels; weights and gradients are those of the standardized model.',
  }),
  oneHot: Type.Unsafe<string[]>({
    ...columnNames,
    default: [],
    description:
      'Features that become one input per category: of whole numbers from their smallest to their largest, of categories one per level. Categories do unless they are in `codes`.',
  }),
  codes: Type.Unsafe<string[]>({
    ...columnNames,
    default: [],
    description: 'Categories that become one input each, their number among the levels from 0: what an embedding reads.',
  }),
  unseen: Type.Unsafe<keyof typeof unseenCategories>({
    type: 'string',
    enum: Object.keys(unseenCategories),
    default: 'zeros',
    description: 'What a category is that no training row has: inputs of 0, or a validation error. One in `codes` is always an error.',
  }),
  missing: Type.Unsafe<MissingRules>({
    type: 'object',
    default: { strategy: 'reject', indicator: false },
    description: 'What becomes of missing cells: one rule for all features, or rules by column.',
    if: { properties: { strategy: { type: 'string' } }, required: ['strategy'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: ref(missingRuleSchema),
    else: { type: 'object', additionalProperties: ref(missingRuleSchema), maxProperties: 100_000 },
  }),
}

export const preprocessingSchema = objectWithDefaults(preprocessingOptions, {
  $id: 'Preprocessing',
  description: 'Prepares features and labels before the model sees them, in training and in predictions.',
})
export type Preprocessing = Static<typeof preprocessingSchema>
