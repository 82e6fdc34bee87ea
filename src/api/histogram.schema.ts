/** How the values of a parameter, or of its gradient, lie in some epochs. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { jobParameter } from './job-parameter.ts'
import { nullable } from './nullable.ts'

/** Bins of a histogram, and epochs that have one: most of all, and those unless asked. */
const bins = { most: 64, unlessAsked: 30 }
const epochs = { most: 200, unlessAsked: 40 }
/** Values that one answer is made of, as long as that leaves one epoch. */
export const maxHistogramValues = 50_000_000

export const histogramsQuery = Type.Object(
  {
    of: Type.Unsafe<'weights' | 'gradients'>({
      type: 'string',
      enum: ['weights', 'gradients'],
      default: 'weights',
      description: 'Which values: those that `record.weights` keeps, or those that `record.gradients: full` does.',
    }),
    parameter: Type.Optional(jobParameter('Of which parameter; of the first one unless asked.')),
    bins: Type.Integer({ minimum: 1, maximum: bins.most, default: bins.unlessAsked, description: 'Bins of each histogram.' }),
    maxPoints: Type.Integer({
      minimum: 1,
      maximum: epochs.most,
      default: epochs.unlessAsked,
      description:
        'At most so many epochs, spread evenly over those that are recorded, the first and the last among them; fewer if they came to more than 50 million values.',
    }),
  },
  { additionalProperties: false },
)
export type HistogramsQuery = Static<typeof histogramsQuery>

export const EpochHistogramSchema = Type.Object(
  {
    epoch: Type.Integer({ minimum: 1, description: 'Number of the epoch.' }),
    min: nullable(Type.Number(), 'Smallest finite value; null if there is none.'),
    max: nullable(Type.Number(), 'Largest finite value; null if there is none.'),
    counts: Type.Array(Type.Integer({ minimum: 0 }), {
      maxItems: bins.most,
      description:
        'Finite values in each of the equally wide bins between `min` and `max`, both included; one bin if they are the same, none if there are none.',
    }),
    notFinite: Type.Integer({ minimum: 0, description: 'Values that are NaN or infinite, which are in no bin.' }),
  },
  { $id: 'EpochHistogram', description: 'How all values of a parameter, or of its gradient, lie after an epoch.' },
)
export type EpochHistogram = Static<typeof EpochHistogramSchema>

export const HistogramsSchema = Type.Object(
  {
    parameter: nullable(Type.String(), 'Which parameter; null if none was named and nothing is recorded.'),
    parameters: Type.Array(Type.String(), { description: 'All parameters that are recorded, in the order of the layers.' }),
    data: Type.Array(ref(EpochHistogramSchema), { description: 'By epoch; none of epochs whose values are not recorded.' }),
  },
  {
    $id: 'Histograms',
    description: 'How the values of a parameter, or of its gradient, lie in some epochs.',
    examples: [
      {
        parameter: 'layers.0.weight',
        parameters: ['layers.0.weight', 'layers.0.bias'],
        data: [
          { epoch: 1, min: -0.52, max: 0.48, counts: [3, 11, 14, 4], notFinite: 0 },
          { epoch: 40, min: -1.9, max: 2.1, counts: [5, 9, 12, 6], notFinite: 0 },
        ],
      },
    ],
  },
)

export const histogramSchemas = [EpochHistogramSchema, HistogramsSchema]
