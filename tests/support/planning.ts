/** Planning a request over a table of so many columns, for tests of what fits and what does not. */
import assert from 'node:assert/strict'
import type { StoredColumn } from '../../src/contracts/dataset.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { Fault } from '../../src/contracts/problems.ts'
import { makePlan } from '../../src/features/jobs/job.plan.ts'
import type { PlannedDataset } from '../../src/features/jobs/plan/columns.ts'
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

export const faultsOf = (config: object, dataset: PlannedDataset = table(2, 1)): Fault[] => {
  const made = makePlan(configOf({ ...request, ...config }), dataset)
  return 'faults' in made ? made.faults : []
}

export const planOf = (config: object, dataset = table(2, 1)): Plan => {
  const made = makePlan(configOf({ ...request, ...config }), dataset)
  if ('faults' in made) throw new Error(JSON.stringify(made.faults))
  return made.plan
}

export const layers = (...list: object[]) => ({ model: { layers: list } })

/** The only fault: its place, and its message. */
export const onlyFault = (faults: Fault[]): [string, string] => {
  assert.equal(faults.length, 1, JSON.stringify(faults))
  return [faults[0]?.path ?? '', faults[0]?.message ?? '']
}
