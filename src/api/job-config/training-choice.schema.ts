/** What a request may say of its passes over the rows: all of it, or only some, so that the service chooses the rest. */
import { type TSchema, Type } from 'typebox'
import { ref } from '../../catalog/ref.ts'
import { optionalFields } from '../published.ts'
import { type Training, trainingOptions, trainingSchema } from './training.schema.ts'

/** Every option, and no default: what is not there was left out. */
const someOptions = Object.fromEntries(
  Object.entries<TSchema & { default?: unknown }>(trainingOptions).map(([name, { default: _left, ...schema }]) => [name, schema]),
)

/** With its number of epochs it has the plain defaults. */
export const trainingChoiceSchema = Type.Unsafe<Training | Partial<Training>>({
  $id: 'TrainingChoice',
  if: { type: 'object', required: ['epochs'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: ref(trainingSchema),
  else: { type: 'object', properties: someOptions, additionalProperties: false },
  published: optionalFields([trainingOptions]),
  description:
    'How the rows are passed over. Without `epochs` the service chooses their number, and what else is left out; with it, what is left out has its plain default: batchSize 32, shuffle true, dropLast false, validationSplit 0.',
})
