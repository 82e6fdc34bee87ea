/** Rows for tests that work below the HTTP entry point. */
import { randomUUID } from 'node:crypto'
import type { JobStatus } from '../../src/contracts/lifecycle.ts'
import type { Database } from '../../src/platform/db/database-client.ts'

/** Stores a synthetic linear dataset. */
export const storeDataset = async ({ prisma }: Database, { tenant = 'default' } = {}): Promise<string> => {
  const spec = { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 }
  const columns = ['x1', 'x2', 'y'].map((name) => ({ name, role: name === 'y' ? 'label' : 'feature' }))
  const { id } = await prisma.dataset.create({
    data: { id: `ds_${randomUUID()}`, tenant, kind: 'synthetic', spec, columns, rows: 1000, inputShape: [], contentHash: 'none' },
  })
  return id
}

/** The least that a stored config says. */
const leastConfig = {
  dataset: { id: 'ds_1' },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd' },
  training: { epochs: 3, batchSize: 10, seed: 1 },
  record: {},
}

export type StoredJob = { tenant?: string; priority?: number; status?: JobStatus; config?: object; epochs?: number; queuedAt?: Date }

/** Stores a job as the API does, with its first event. */
export const storeJob = async (
  { prisma }: Database,
  datasetId: string,
  { tenant = 'default', priority = 0, status = 'queued', config = {}, epochs = 3, queuedAt }: StoredJob = {},
): Promise<string> => {
  const id = `job_${randomUUID()}`
  const event = { seq: 1, type: 'queued' }
  await prisma.job.create({
    data: {
      id,
      tenant,
      status,
      config: { ...leastConfig, ...config },
      datasetId,
      device: 'device' in config ? String(config.device) : 'any',
      priority,
      epochs,
      lastSeq: 1,
      events: { create: event },
      ...(queuedAt ? { queuedAt } : {}),
    },
  })
  await prisma.$executeRaw`select count_job(${tenant}, null, ${status})`
  return id
}

/** The types of a job's events, in order. */
export const eventTypes = async ({ prisma }: Database, jobId: string): Promise<string[]> => {
  const events = await prisma.event.findMany({ where: { jobId }, orderBy: { seq: 'asc' } })
  events.forEach(({ seq }, index) => {
    if (seq !== index + 1) throw new Error(`event ${index + 1} of ${jobId} has number ${seq}`)
  })
  return events.map(({ type }) => type)
}
