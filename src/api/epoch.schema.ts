/** What one pass over the training rows gave. */
import { type Static, Type } from 'typebox'
import { JsonNumber } from './numbers.ts'
import { ref } from './ref.ts'

const number = (description: string) => Type.Union([JsonNumber], { description })

export const EpochSchema = Type.Object(
  {
    epoch: Type.Integer({ minimum: 1 }),
    loss: number(
      "The configured loss over the full training set after the epoch's updates, in evaluation mode; NaN where it ignores all rows.",
    ),
    batchLoss: number("Mean of the losses of the epoch's mini-batches; those of ignored rows alone do not count."),
    validationLoss: Type.Union([JsonNumber, Type.Null()], { description: 'The loss over the rows held back; null when there are none.' }),
    learningRate: number('Learning rate of the epoch.'),
    gradientNorm: number('Norm of the gradient of the last mini-batch, before clipping.'),
    seconds: Type.Number({ description: 'Training time of the epoch, full-set loss included.' }),
    metrics: Type.Record(Type.String(), JsonNumber, { description: 'The metrics asked for.' }),
  },
  { $id: 'Epoch' },
)
export type EpochResource = Static<typeof EpochSchema>

export const EpochsSchema = Type.Object(
  { data: Type.Array(ref(EpochSchema)) },
  {
    $id: 'Epochs',
    examples: [
      {
        data: [
          {
            epoch: 1,
            loss: 0.0362,
            batchLoss: 3.1,
            validationLoss: null,
            learningRate: 0.03,
            gradientNorm: 0.41,
            seconds: 0.02,
            metrics: {},
          },
          {
            epoch: 2,
            loss: 0.0002,
            batchLoss: 0.009,
            validationLoss: null,
            learningRate: 0.03,
            gradientNorm: 0.02,
            seconds: 0.02,
            metrics: {},
          },
        ],
      },
    ],
  },
)
