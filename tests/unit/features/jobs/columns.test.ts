/** The columns that a job trains on, of tables as wide as they may be. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseColumns } from '../../../../src/features/jobs/plan/columns.ts'
import { plannedColumns } from '../../../../src/features/jobs/plan/planned-column.ts'

const width = 250_000
const columns = Array.from({ length: width }, (_, at) => ({ name: `column ${at}`, role: null }))
const names = columns.map(({ name }) => name)
const choose = (choice: { features?: string[]; labels?: string[] }) =>
  chooseColumns({ id: 'ds_wide', ...choice }, plannedColumns({ rows: 1, columns, inputShape: [] }))

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
})
