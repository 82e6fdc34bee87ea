/** What one pass over the training rows gave. */
import { type TSchema, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { type EpochColumnKind, epochColumnList } from '../contracts/epoch-columns.ts'
import { nullable } from './nullable.ts'
import { jsonNumber } from './numbers.ts'

/** The schema of each kind of column. */
const schemas: Record<EpochColumnKind, (description: string) => TSchema> = {
  number: (description) => jsonNumber(description),
  finite: (description) => Type.Number({ description }),
  optional: (description) => nullable(jsonNumber(), description),
  named: (description) => Type.Record(Type.String(), jsonNumber(), { description }),
}

const columns = Object.fromEntries(epochColumnList.map(([name, { kind, description }]) => [name, schemas[kind](description)]))

export const EpochSchema = Type.Object(
  { epoch: Type.Integer({ minimum: 1, description: 'Number of the epoch, from 1.' }), ...columns },
  { $id: 'Epoch', description: 'What one pass over the training rows gave.' },
)

export const EpochsSchema = Type.Object(
  { data: Type.Array(ref(EpochSchema)) },
  { $id: 'Epochs', description: 'Epochs of a job.', examples: [{ data: [example(0), example(1)] }] },
)

/** The same example as text of lines. */
export const epochLinesExamples = {
  csv: [Object.keys(cells(0)), Object.values(cells(0)), Object.values(cells(1))].map((line) => `${line.join(',')}\n`).join(''),
  ndjson: [example(0), example(1)].map((epoch) => `${JSON.stringify(epoch)}\n`).join(''),
}

function example(at: 0 | 1): { epoch: number; metrics?: object } {
  return {
    epoch: at + 1,
    ...Object.fromEntries(epochColumnList.map(([name, { examples }]) => [name, examples[at]])),
  }
}

function cells(at: 0 | 1): Record<string, unknown> {
  const { metrics, ...fields } = example(at)
  return { ...fields, ...metrics }
}
