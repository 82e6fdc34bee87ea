/** Planning a request over a table of so many columns, for tests of what fits and what does not. */
import assert from 'node:assert/strict'
import type { StoredColumn } from '../../src/api/column.schema.ts'
import type { ValidationError } from '../../src/contracts/error-codes.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { makePlan } from '../../src/features/jobs/plan/make-plan.ts'
import type { PlannedDataset } from '../../src/features/jobs/plan/planned-column.ts'
import { columnsOf, configOf } from './engine-jobs.ts'

export const request = {
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  training: { epochs: 3, batchSize: 10, seed: 1 },
}

export const table = (features: number, labels: number, rows = 25): { rows: number; columns: StoredColumn[]; inputShape: number[] } => ({
  rows,
  columns: columnsOf({ features: [new Array<number>(features).fill(0)], labels: [new Array<number>(labels).fill(0)] }),
  inputShape: [],
})

export const errorsOf = (config: object, dataset: PlannedDataset = table(2, 1)): ValidationError[] => {
  const made = makePlan(configOf({ ...request, ...config }), dataset)
  return 'errors' in made ? made.errors : []
}

export const planOf = (config: object, dataset = table(2, 1)): Plan => {
  const made = makePlan(configOf({ ...request, ...config }), dataset)
  if ('errors' in made) throw new Error(JSON.stringify(made.errors))
  return made.value
}

export const layers = (...list: object[]) => ({ model: { layers: list } })

/** The only validation error: its place, and its message. */
export const onlyError = (errors: ValidationError[]): [string, string] => {
  assert.equal(errors.length, 1, JSON.stringify(errors))
  return [errors[0]?.path ?? '', errors[0]?.message ?? '']
}
