/** The service under fuzz: what it holds, what it was told, and whether it still lives. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Json } from '../support/e2e/api.ts'
import { withDatabase } from '../support/e2e/embedded-database.ts'
import { discard, type Product, root, startProduct } from '../support/e2e/product.ts'
import { type Operation, operationsOf } from './arbitraries/operations.ts'
import type { FuzzCase, Ids } from './case.ts'
import type { Answer } from './exchange.ts'

const example = (name: string): Json => JSON.parse(readFileSync(join(root, 'examples', name), 'utf8'))

/** The examples' job configs. */
const exampleConfigs = (): Json[] =>
  readdirSync(join(root, 'examples'))
    .filter((name) => name.endsWith('.json'))
    .map(example)
    .filter((document) => 'model' in document && 'dataset' in document)

const inputs = [0.5, 1.5, -2]
const calls: Record<string, Json[]> = {
  '/v1/losses/{type}/evaluate': [
    { inputs: [{ shape: [2, 3], values: [1, 2, 3, 1, 2, 3] }], target: { shape: [2], values: [0, 2] } },
    {
      inputs: [
        { shape: [3], values: inputs },
        { shape: [3], values: inputs },
      ],
      target: { shape: [3], values: [1, -1, 1] },
    },
  ],
  '/v1/initializers/{type}/sample': [
    { shape: [3, 4], seed: 1 },
    { shape: [2, 2, 3, 4], seed: 2 },
  ],
}

/** Starts it, with a dataset, a trained job and a sweep to ask about. */
export const openTarget = async () => {
  const product = await startProduct()
  const { api } = product
  try {
    const dataset = await api.upload({ rows: [1, 2, 3, 4].map((x) => ({ x, y: 2 * x })), features: ['x'], labels: ['y'] })
    const config = { ...example('linear-regression-concise.json'), dataset: { id: dataset.id } }
    const job = await api.train(config)
    const { body: sweep } = await api.call<{ id: string }>('POST', '/v1/sweeps', { base: config, grid: { 'training.batchSize': [2, 4] } })
    const ids: Ids = { job: job.id, dataset: dataset.id, sweep: sweep.id }
    const document = await api.get<{ components: { schemas: { Problem: { properties: { code: { enum: string[] } } } } } }>('/openapi.json')
    const configs = [config, ...exampleConfigs()]
    const sweeps = configs.map((base) => ({ base, grid: { 'optimizer.learningRate': [0.1, 0.01] } }))
    const operations: Operation[] = operationsOf(document, { '/v1/jobs': configs, '/v1/sweeps': sweeps, ...calls }).filter(
      // What the other requests ask about must stay.
      ({ method }) => method !== 'DELETE',
    )
    const known = await rowsOf(product)
    return {
      product,
      port: Number(new URL(product.url).port),
      ids,
      operations,
      codes: new Set(document.components.schemas.Problem.properties.code.enum),
      ...createAccount(product, known),
      apiPid: () => apiPidOf(product),
      /** Waits until it takes requests again, after a death. */
      healthy: async (): Promise<void> => {
        for (let attempt = 0; attempt < 300; attempt++) {
          const status = await api
            .call('GET', '/readyz')
            .then((answer) => answer.status)
            .catch(() => 0)
          if (status === 200) return
          await sleep(100)
        }
        throw new Error(`the service does not come back:\n${product.output().slice(-3000)}`)
      },
      close: () => discard(product),
    }
  } catch (error) {
    await discard(product)
    throw error
  }
}

export type Target = Awaited<ReturnType<typeof openTarget>>

const apiPidOf = (product: Product): number | undefined =>
  product.processes().find(({ command }) => /src[\\/]server\.js/.test(command))?.pid

type Rows = { datasets: string[]; jobs: string[]; sweeps: string[]; trainers: string[]; predictions: string[] }

const rowsOf = (product: Product): Promise<Rows> =>
  withDatabase(product.dataDir, async (client) => {
    const ids = async (table: string, more = ''): Promise<string[]> =>
      (await client.query<{ id: string }>(`select id from "${table}" ${more}`)).rows.map(({ id }) => id)
    // A dataset that came with a job, a trainer or a prediction was never announced by itself.
    const datasets = await ids(
      'Dataset',
      `where not exists (select from "Job" where "datasetId" = "Dataset".id or "validationDatasetId" = "Dataset".id)
        and not exists (select from "Trainer" where "datasetId" = "Dataset".id)
        and not exists (select from "Prediction" where "datasetId" = "Dataset".id)`,
    )
    const [jobs, sweeps, trainers, predictions] = [await ids('Job'), await ids('Sweep'), await ids('Trainer'), await ids('Prediction')]
    return { datasets, jobs, sweeps, trainers, predictions }
  })

/** What was accepted against what is stored: nothing may be left of what was refused. */
const createAccount = ({ api, ...product }: Product, known: Rows) => {
  const announced = new Set(Object.values(known).flat())

  /** Takes note of what a request made, and sees that nothing of it goes on to train. */
  const note = async ({ method }: FuzzCase, { status, headers, body }: Answer): Promise<void> => {
    const { location } = headers
    if (method !== 'POST' || status < 200 || status >= 300 || !location) return
    announced.add(location.slice(location.lastIndexOf('/') + 1))
    const made = JSON.parse(body.toString('utf8')) as { id: string; jobs?: { jobId: string }[] }
    const jobs = made.jobs?.map(({ jobId }) => jobId) ?? (made.id.startsWith('job_') ? [made.id] : [])
    for (const job of jobs) {
      announced.add(job)
      await api.call('POST', `/v1/jobs/${job}/cancel`)
    }
  }

  /** Ids of rows that nobody was told of. */
  const leftovers = async (): Promise<string[]> => {
    const rows = await rowsOf({ api, ...product })
    return Object.values(rows)
      .flat()
      .filter((id) => !announced.has(id))
  }
  return { note, leftovers }
}
