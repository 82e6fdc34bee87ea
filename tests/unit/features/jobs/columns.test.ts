/** The columns that a job trains on, of tables as wide as they may be. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseInSteps } from '../../../../src/features/jobs/choices/whole-config.ts'
import { chooseColumns } from '../../../../src/features/jobs/plan/columns.ts'
import { planInSteps } from '../../../../src/features/jobs/plan/make-plan.ts'
import { plannedColumns } from '../../../../src/features/jobs/plan/planned-column.ts'
import { atOnce } from '../../../../src/features/slices.ts'

const width = 250_000
const columns = Array.from({ length: width }, (_, at) => ({ name: `column ${at}`, role: null }))
const names = columns.map(({ name }) => name)
const choose = (choice: { features?: string[]; labels?: string[] }) =>
  atOnce(chooseColumns({ id: 'ds_wide', ...choice }, plannedColumns({ rows: 1, columns, inputShape: [] })))
const described = { type: 'number' as const, missing: 0, min: -1, max: 1, mean: 0, std: 1 }
const unsaid = { metadata: {}, priority: 0, device: 'any' as const }
const pausesOf = <Result>(work: Generator<void, Result>): { pauses: number; result: Result } => {
  for (let pauses = 0; ; pauses++) {
    const step = work.next()
    if (step.done) return { pauses, result: step.value }
  }
}

describe('the columns of a very wide table', () => {
  it('the columns of a very wide table are found by their names', () => {
    const { chosen, errors } = choose({ features: names.slice(150_000), labels: ['column 7'] })
    assert.deepEqual(errors, [])
    assert.deepEqual([chosen.featureColumns[0]?.[0], chosen.featureColumns[0]?.length, chosen.labelColumns], [150_000, 100_000, [7]])
  })

  it('the columns of a very wide table that are no features are its labels, unless others are named', () => {
    assert.equal(choose({ features: ['column 0'] }).chosen.labelColumns.length, width - 1)
    assert.equal(choose({ labels: names.slice(0, 100_000) }).chosen.featureColumns[0]?.length, width - 100_000)
  })

  it('the columns of a very wide table that are not there are named, the first hundred of them', () => {
    const { errors } = choose({ features: names.slice(0, 100_000).map((name) => `no ${name}`), labels: ['column 7'] })
    assert.equal(errors.length, 100)
    assert.equal(errors[99]?.path, '/dataset/features/99')
  })

  it('a job of one line on a very wide table is chosen and planned with a pause after each ten thousand columns', () => {
    const dataset = { id: 'ds_wide', rows: 200, columns: columns.map((column) => ({ ...column, ...described })), inputShape: [] }
    const chosen = pausesOf(chooseInSteps({ ...unsaid, dataset: { id: 'ds_wide', labels: ['column 7'] } }, dataset))
    assert.ok('value' in chosen.result)
    const { value } = chosen.result
    const planned = pausesOf(planInSteps({ ...value, training: { ...value.training, seed: 1 } }, dataset))
    assert.ok('value' in planned.result && planned.result.value.data.inputShape[0] === width - 1)
    // Columns are read, and found by their names, twice.
    assert.ok(chosen.pauses >= 50 && planned.pauses >= 100, `${chosen.pauses} and ${planned.pauses} pauses`)
  })
})
