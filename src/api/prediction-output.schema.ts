/** What is told of a row that was predicted. */
import { Type } from 'typebox'

export const predictionOutputs = ['class', 'probability', 'raw'] as const
export type PredictionOutput = (typeof predictionOutputs)[number]

export const outputSchema = (description: string) =>
  Type.Unsafe<PredictionOutput>({ type: 'string', enum: [...predictionOutputs], description })

/** How a request chooses it. */
export const optionalOutput = Type.Optional(
  outputSchema(
    'What is told of each row: the class that it is taken for, the probability of each class, or the raw outputs of the model. Left out, the class if the labels are categories or booleans, else raw.',
  ),
)

export const ClassNameSchema = Type.Unsafe<string | number | boolean>({
  $id: 'ClassName',
  type: ['string', 'number', 'boolean'],
  description: 'A class as its label has it: a level of a category, true or false, or the number that stands for it.',
})
