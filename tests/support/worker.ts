/** A worker in the test's own process, its children as in production, over a database and wake-ups of the test's own. */
import { randomUUID } from 'node:crypto'
import { createApiChecks } from '../../src/api/checks.ts'
import { type JobConfig, JobConfigSchema } from '../../src/api/job-config.schema.ts'
import { isTerminal, type JobStatus } from '../../src/contracts/lifecycle.ts'
import { channels, queues } from '../../src/contracts/queue.ts'
import { syntheticDataset } from '../../src/features/datasets/synthetic.ts'
import { insertJob } from '../../src/features/jobs/sql/insert.ts'
import { createDatabase, type Database } from '../../src/platform/db/database-client.ts'
import { createNotifications, type Notifications } from '../../src/platform/db/notifications.ts'
import { createLog } from '../../src/platform/log.ts'
import { createWakeUps, type WakeUps } from '../../src/platform/queue/wake-ups.ts'
import type { BackendName } from '../../workers/engine/backends/backends.ts'
import { startWorker, type Worker } from '../../workers/start-worker.ts'
import { createTestDatabase, type TestDatabase } from './postgres.ts'

const check = createApiChecks()(JobConfigSchema)

/** The notebook's job, or that with other parts. */
export const notebook = (parts: object = {}) => ({
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
  model: {
    layers: [{ type: 'dense', units: 1, weightInitializer: { type: 'normal', mean: 0, std: 0.01 }, biasInitializer: { type: 'zeros' } }],
  },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  training: { epochs: 3, batchSize: 10, seed: 42 },
  record: { gradients: 'full', weights: 'everyEpoch' },
  ...parts,
})

/** Where the test's jobs live. */
export type Bench = {
  url: string
  database: Database
  notifications: Notifications
  wakeUps: WakeUps
  /** Starts a worker that `close` closes too; `device` is what it takes itself for, `over` how it reaches the database. */
  work: (options?: {
    slots?: number
    trainerSlots?: number
    device?: 'cpu' | 'gpu'
    backend?: BackendName
    blobChunkBytes?: number
    jobMemory?: number
    over?: Database
  }) => Worker
  /** Queues a job as the API does, and sends its wake-up unless told not to. */
  submit: (config?: object, options?: { notify?: boolean; tenant?: string }) => Promise<string>
  /** Waits for a condition on a job's row, looking when it changes. */
  until: (id: string, condition: (job: JobRow) => boolean) => Promise<JobRow>
  ended: (id: string) => Promise<JobRow>
  setStatus: (id: string, status: JobStatus) => Promise<void>
  close: () => Promise<void>
}
export type JobRow = Awaited<ReturnType<Database['prisma']['job']['findUniqueOrThrow']>>

/** So many that no test is refused any. */
const maxQueued = 1e9

/** How long a test waits for a change of a job's row before it fails: a crowded machine takes its time. */
const timeoutMs = 120_000

/** Over a new database, or over one that lies there already, which `close` closes too. */
export const openBench = async ({ redisUrl, stored }: { redisUrl?: string; stored?: TestDatabase } = {}): Promise<Bench> => {
  const server = stored ?? (await createTestDatabase())
  const database = createDatabase(server.url)
  const notifications = createNotifications(server.url, { channels: Object.values(channels) })
  const wakeUps = await createWakeUps({ databaseUrl: server.url, redisUrl })
  const workers: Worker[] = []

  const until: Bench['until'] = async (id, condition) => {
    const watch = notifications.watch(channels.job, id)
    let end = Date.now() + timeoutMs
    let revision: number | undefined
    try {
      for (;;) {
        const job = await database.prisma.job.findUniqueOrThrow({ where: { id } })
        if (condition(job)) return job
        if (job.revision !== revision) end = Date.now() + timeoutMs
        revision = job.revision
        const left = isTerminal(job.status as JobStatus) ? 0 : end - Date.now()
        if (left <= 0) throw new Error(`waited in vain; the job is ${JSON.stringify(job)}`)
        await watch.next({ timeoutMs: left })
      }
    } finally {
      watch.close()
    }
  }

  return {
    url: server.url,
    database,
    notifications,
    wakeUps,
    work: ({ slots = 1, device = 'cpu', backend: name = 'wasm', over = database, ...limits } = {}) => {
      const backend = { name, ok: true, device, version: 'any' } as const
      const log = createLog({ level: process.env.LOG_LEVEL ?? 'silent', name: 'test' })
      const worker = startWorker({
        infrastructure: { database: over, notifications, wakeUps },
        backend,
        slots,
        env: process.env,
        log,
        ...limits,
      })
      workers.push(worker)
      return worker
    },
    submit: async (config = notebook(), { notify = true, tenant = 'default' } = {}) => {
      const filled = structuredClone(config)
      const errors = check(filled)
      if (errors.length > 0) throw new Error(JSON.stringify(errors))
      const { dataset: choice } = filled as JobConfig
      const stored = 'id' in choice ? null : { ...syntheticDataset(`ds_${randomUUID()}`, tenant, choice.synthetic) }
      const id = `job_${randomUUID()}`
      const datasetId = 'id' in choice ? choice.id : (stored?.id ?? '')
      await insertJob(database.prisma, { id, tenant, config: filled as JobConfig, datasetId }, stored, maxQueued)
      if (notify) await wakeUps.notify(queues.training, id)
      return id
    },
    until,
    ended: (id) => until(id, ({ status }) => isTerminal(status as JobStatus)),
    setStatus: async (id, status) => {
      await database.prisma.job.update({ where: { id }, data: { status } })
      await database.notify(database.prisma, channels.job, id)
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()))
      await wakeUps.close()
      await notifications.close()
      await database.close()
      await server.close()
    },
  }
}
