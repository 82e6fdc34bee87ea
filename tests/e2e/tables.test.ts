/** Real tables by CSV upload: a classifier for iris and a regressor for cars, to sensible accuracy. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { Dataset, Json } from '../support/e2e/api.ts'
import { type Product, root } from '../support/e2e/product.ts'
import { sharedProduct } from '../support/e2e/shared-product.ts'
import { carFeatures, carsCsv, irisCsv, irisFeatures } from '../support/e2e/tables.ts'

let product: Product
before(async () => {
  product = await sharedProduct()
})

const upload = async (csv: string): Promise<Dataset> => {
  const answer = await product.api.call<Dataset>('POST', '/v1/datasets', csv, { 'content-type': 'text/csv' })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  assert.equal(answer.headers.get('location'), `/v1/datasets/${answer.body.id}`)
  return answer.body
}

/** The request file of this name, trained on an uploaded table. */
const trainExample = async (name: string, dataset: Dataset, more: Json = {}) => {
  const body = JSON.parse(await readFile(join(root, 'examples', `${name}.json`), 'utf8')) as Json
  return product.api.train({ ...body, ...more, dataset: { ...(body.dataset as Json), id: dataset.id } }, 120)
}

const numbers = (csv: string): number[][] =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number))

test('an uploaded table is described by its columns', async () => {
  const iris = await upload(irisCsv())
  assert.equal(iris.rows, 150)
  assert.deepEqual(
    iris.columns.map((column) => column.name),
    [...irisFeatures, 'species'],
  )
  const length = iris.columns[0]
  assert.deepEqual(
    [length?.min, length?.max].map((value) => Number(value?.toFixed(3))),
    [4.3, 7.9],
  )
  assert.ok(Math.abs(Number(length?.mean) - 5.8433) < 1e-3)
  assert.match(iris.contentHash, /[0-9a-f]{64}/)
})

test('a classifier tells the species of irises apart, and says so of rows it is shown', async () => {
  const job = await trainExample('iris', await upload(irisCsv()))
  assert.ok(Number(job.result?.loss) < 0.25, `loss ${job.result?.loss}`)
  const rows = numbers(irisCsv())
  const named = rows.map((row) => Object.fromEntries(irisFeatures.map((name, index) => [name, row[index]])))
  const answer = await product.api.call<{ predictions: number[][] }>('POST', `/v1/jobs/${job.id}/predictions`, { rows: named })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const right = answer.body.predictions.filter((scores, index) => scores.indexOf(Math.max(...scores)) === rows[index]?.[4])
  assert.ok(right.length / rows.length > 0.94, `${right.length} of ${rows.length} are right`)
  const accuracy = (await product.api.epochs(job.id)).at(-1)?.metrics.accuracy
  assert.ok(Math.abs(Number(accuracy) - right.length / rows.length) < 1e-6, `the metric says ${accuracy}`)
})

test('a regressor explains most of what makes cars thirsty', async () => {
  const cars = await upload(carsCsv())
  assert.equal(cars.rows, 392)
  assert.deepEqual(
    cars.columns.map((column) => column.name),
    [...carFeatures, 'Miles_per_Gallon'],
  )
  const job = await trainExample('cars', cars)
  const miles = cars.columns.at(-1)
  const explained = 1 - Number(job.result?.loss) / Number(miles?.std) ** 2
  assert.ok(explained > 0.7, `R² ${explained}`)
})
