/** What a service would choose for a table of penguins, without the service. */
import assert from 'node:assert/strict'
import { createApiChecks } from '../../src/api/checks.ts'
import type { StoredColumn } from '../../src/api/column.schema.ts'
import { type JobConfigRequest, JobConfigSchema, type JobRequest } from '../../src/api/job-config.schema.ts'
import type { ValidationError } from '../../src/contracts/error-codes.ts'
import type { KnownTable } from '../../src/features/jobs/choices/known-table.ts'
import { toWholeConfig } from '../../src/features/jobs/choices/whole-config.ts'

export const check = createApiChecks()(JobConfigSchema)

export const column = (name: string, type: StoredColumn['type'], more: Partial<StoredColumn> = {}): StoredColumn => ({
  name,
  role: null,
  type,
  missing: 0,
  min: 0,
  max: 9,
  mean: 4,
  std: 2,
  ...more,
})
const category = (name: string, levelCount: number, more: Partial<StoredColumn> = {}) =>
  column(name, 'category', { min: null, max: null, mean: null, std: null, levelCount, ...more })

export const penguins: KnownTable = {
  rows: 344,
  inputShape: [],
  columns: [
    column('row', 'integer', { min: 1, max: 344, mean: 172.5, std: Math.sqrt((344 ** 2 - 1) / 12) }),
    category('Species', 3),
    category('Sex', 2, { missing: 10 }),
    column('Beak', 'number', { missing: 2 }),
    column('Alive', 'boolean'),
    column('Seen', 'date', { min: '2007-11-11', max: '2009-12-01', mean: null, std: null }),
    column('Comments', 'text', { min: null, max: null, mean: null, std: null, levelCount: 300 }),
    column('Studied', 'integer', { min: 1, max: 1, std: 0 }),
    category('Region', 1),
    category('Photographer', 70),
    column('Hidden', 'number', { role: 'ignored' }),
    column('Empty', 'text', { min: null, max: null, mean: null, std: null, levelCount: 0, missing: 344 }),
  ],
}

const choose = (request: object, table = penguins) => {
  const config = structuredClone(request) as JobRequest
  assert.deepEqual(check(config), [])
  return toWholeConfig(config, table)
}
export const configOf = (request: object, table = penguins): JobConfigRequest => {
  const chosen = choose(request, table)
  if ('errors' in chosen) throw new Error(JSON.stringify(chosen.errors))
  return chosen.value
}
export const errorsOf = (request: object, table = penguins): ValidationError[] => {
  const chosen = choose(request, table)
  return 'errors' in chosen ? chosen.errors : []
}
export const onPenguins = (label: string, more: object = {}) => configOf({ dataset: { id: 'ds_1', labels: [label] }, ...more })
export const outputsOf = ({ model }: JobConfigRequest) => (model.layers.at(-1) as { units?: number } | undefined)?.units
