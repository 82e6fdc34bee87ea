/** Tables as packages ship them, unchanged: uploaded, trained on by a job of one line, and asked about rows that were held out. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Dataset, Job, Json } from '../support/e2e/api.ts'
import { discard, type Product, root, startProduct } from '../support/e2e/product.ts'
import { bytesOf, type RealTable, realTables } from '../support/e2e/real-tables.ts'

type Value = number | string | boolean | null
type Row = Record<string, Value>
type Described = Omit<Dataset, 'columns'> & { columns: { name: string; type: string; role: string | null; levelCount?: number }[] }
/** What scikit-learn reaches on the same rows, and what this service did if it was recorded. */
type Scores = { measure: 'accuracy' | 'r2'; boosting: number; linear: number; oneLine: number; tenLines: number }

/** How far below its recorded score a job may be: engines round differently, and few rows are held out. */
const tolerance = 0.05

const tables = await realTables()
/** Too many to predict in a test. */
const flights: RealTable = {
  name: 'flights',
  source: { npm: 'vega-datasets@3.2.1' },
  file: 'package/data/flights-3m.parquet',
  sha256: 'dbeb920c90f59b6ccaff823dcc3d08f25a97fa1ce128d93f40be4e931f5900b0',
  type: 'application/vnd.apache.parquet',
  label: 'delay',
  rows: 3_000_000,
  columns: { date: 'datetime', delay: 'integer', distance: 'integer', origin: 'category', destination: 'category' },
  features: ['date', 'distance'],
}
const listed = [...tables, flights]
const scores: Record<string, Scores> = JSON.parse(await readFile(join(root, 'tests/fixtures/real-tables/scores.json'), 'utf8'))
const measured: Record<string, Partial<Scores>> = {}

let product: Product
before(async () => {
  product = await startProduct({ WORKERS: '2' })
})
after(async () => {
  await discard(product)
  // For the record in docs/tables.md, and for scores.json.
  const { RECORD_SCORES: record } = process.env
  if (record !== undefined) await writeFile(record, JSON.stringify(measured, null, 1))
})

for (const table of tables)
  test(`${table.name} goes in as it is, and a job of one line learns it as well as before`, async (t) => {
    const bytes = await bytesOf(table, listed)
    if (typeof bytes === 'string') return t.skip(`${table.file}: ${bytes}`)
    const whole = await uploadFile(table, bytes)
    assert.equal(whole.rows, table.rows)
    assert.deepEqual(Object.fromEntries(whole.columns.map(({ name, type }) => [name, type])), table.columns)

    const { train, heldOut } = split(await rowsOf(whole))
    const dataset = await uploadRows(whole, train)
    const choice = { id: dataset.id, labels: [table.label] }
    const [line, lines] = await Promise.all([
      product.api.submit({ dataset: choice, training: { seed: 1 } }),
      product.api.submit(tenLines(choice, outputsFor(whole, table))),
    ])
    const asked = heldOut.filter((row) => row[table.label] !== null)
    const found = { oneLine: await scoreOf(line, table, asked), tenLines: await scoreOf(lines, table, asked) }
    measured[table.name] = found
    const { config } = line as Job & { config: { auto: string[]; dataset: { features: string[] } } }
    assert.deepEqual(config.dataset.features, table.features)
    assert.ok(config.auto.includes('/model') && config.auto.includes('/loss'), String(config.auto))
    if (process.env.RECORD_SCORES !== undefined) return
    const known = scores[table.name]
    assert.ok(known, `${table.name} has no recorded scores`)
    assert.ok(found.oneLine > known.oneLine - tolerance, `one line: ${found.oneLine}, recorded ${known.oneLine}`)
    assert.ok(found.tenLines > known.tenLines - tolerance, `ten lines: ${found.tenLines}, recorded ${known.tenLines}`)
  })

test('three million flights go in as the Parquet file that they are, and a job of one line on them is planned', async (t) => {
  const bytes = await bytesOf(flights, listed)
  if (typeof bytes === 'string') return t.skip(`${flights.file}: ${bytes}`)
  const { id, rows, columns } = await uploadFile(flights, bytes)
  assert.equal(rows, flights.rows)
  assert.deepEqual(Object.fromEntries(columns.map(({ name, type }) => [name, type])), flights.columns)
  const { data } = await product.api.get<{ data: Row[] }>(`/v1/datasets/${id}/rows?offset=2999999`)
  assert.deepEqual(Object.keys(data[0] ?? {}), Object.keys(flights.columns))
  const job = { dataset: { id, labels: ['delay'] } }
  const plan = await product.api.call<{ config: { dataset: Json }; trainingRows: number }>('POST', '/v1/jobs?validateOnly=true', job)
  assert.deepEqual([plan.status, plan.body.config.dataset.features, plan.body.trainingRows], [200, flights.features, 2_400_000])
})

const uploadFile = async ({ type, file, declared }: RealTable, bytes: Buffer): Promise<Described> => {
  const encoding: Record<string, string> = file.endsWith('.gz') ? { 'content-encoding': 'gzip' } : {}
  const query = Object.entries(declared ?? {}).map(([name, as]) => `?columns[${name}]=${as}`)[0] ?? ''
  const headers = { 'content-type': type, ...encoding }
  const answer = await product.api.call<Described>('POST', `/v1/datasets${query}`, new Uint8Array(bytes), headers)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}

/** Every row, as it was uploaded. */
const rowsOf = async ({ id, rows: total }: Described): Promise<Row[]> => {
  const rows: Row[] = []
  while (rows.length < total) {
    const page = await product.api.get<{ data: Row[] }>(`/v1/datasets/${id}/rows?offset=${rows.length}&limit=1000`)
    rows.push(...page.data)
  }
  return rows
}

/** Every fifth row is held out, as in `tests/fixtures/real-tables/make.py`. */
const split = (rows: readonly Row[]) => ({
  train: rows.filter((_row, at) => at % 5 !== 4),
  heldOut: rows.filter((_row, at) => at % 5 === 4),
})

/** Some rows of a table as a dataset whose columns are what they are in the whole. */
const uploadRows = ({ columns }: Described, rows: readonly Row[]): Promise<Dataset> => {
  const types = columns.map(({ name, type, role }) => [name, role === 'ignored' ? 'ignore' : type])
  return product.api.upload({ rows, columns: Object.fromEntries(types) })
}

/** How many outputs a linear model of the label's classes has; undefined if the label is a number. */
const outputsFor = ({ columns }: Described, { label }: RealTable): number | undefined => {
  const { type, levelCount = 0 } = columns.find(({ name }) => name === label) ?? {}
  return type !== 'category' ? undefined : levelCount === 2 ? 1 : levelCount
}

/** The linear model that scikit-learn's are held against: solved for a number, trained for a class. */
const tenLines = (dataset: Json, outputs: number | undefined): Json =>
  outputs === undefined
    ? {
        dataset,
        solver: { type: 'leastSquares', weightDecay: 0.001 },
        preprocessing: { standardize: true, missing: { strategy: 'median', indicator: true } },
      }
    : {
        dataset,
        model: { layers: [{ type: 'dense', units: outputs }] },
        training: { seed: 1 },
      }

/** Accuracy, or R², of what a job says of rows that it has not seen. */
const scoreOf = async ({ id }: Job, { label }: RealTable, rows: readonly Row[]): Promise<number> => {
  const job = await product.api.until(id, ({ status }) => ['succeeded', 'failed', 'cancelled'].includes(status), 120)
  assert.equal(job.status, 'succeeded', JSON.stringify(job.error))
  const asked = rows.map(({ [label]: _truth, ...row }) => row)
  const answer = await product.api.call<{ predictions: (Value | number[])[] }>('POST', `/v1/jobs/${id}/predictions`, { rows: asked })
  assert.equal(answer.status, 200, JSON.stringify(answer.body).slice(0, 500))
  const said = answer.body.predictions.map((one) => (Array.isArray(one) ? one[0] : one))
  const truth = rows.map((row) => row[label])
  if (typeof truth[0] !== 'number') return truth.filter((value, at) => value === said[at]).length / truth.length
  const numbers = truth as number[]
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  const sumOf = (differences: number[]): number => differences.reduce((sum, difference) => sum + difference ** 2, 0)
  return 1 - sumOf(numbers.map((value, at) => value - Number(said[at]))) / sumOf(numbers.map((value) => value - mean))
}
