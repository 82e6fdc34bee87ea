/** Puts the API together: repositories over the database, services over repositories, the app over services. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { composeEvents } from './compose-events.ts'
import { composeHousekeeping } from './compose-housekeeping.ts'
import { composeImports } from './compose-imports.ts'
import { composeInference } from './compose-inference.ts'
import { composeKeys } from './compose-keys.ts'
import { composeMlflow } from './compose-mlflow.ts'
import { composeResults } from './compose-results.ts'
import { composeTables } from './compose-tables.ts'
import { composeTrainers } from './compose-trainers.ts'
import { composeWebhooks } from './compose-webhooks.ts'
import type { Config } from './config.ts'
import { jobStatuses, terminalStatuses } from './contracts/lifecycle.ts'
import { createChunkRepository } from './features/datasets/chunk.repository.ts'
import { createColumnLevels } from './features/datasets/column-levels.ts'
import { createDatasetRepository } from './features/datasets/dataset.repository.ts'
import { createDatasetService } from './features/datasets/dataset.service.ts'
import { createLevelRepository } from './features/datasets/level.repository.ts'
import { createRowReader } from './features/datasets/row-reader.ts'
import { createDatasetRowsService } from './features/datasets/rows/dataset-rows.service.ts'
import { createRowRepository } from './features/datasets/rows/row.repository.ts'
import type { GeneratorAnswer, GeneratorRequest } from './features/datasets/synthetic.ts'
import { removeUnusedDatasets } from './features/datasets/unused-datasets.repository.ts'
import { createUploadRepository } from './features/datasets/upload.repository.ts'
import { createIdempotencyRepository } from './features/idempotency/idempotency.repository.ts'
import { createIdempotencyService } from './features/idempotency/idempotency.service.ts'
import { createIds } from './features/ids.ts'
import { createImportRepository } from './features/imports/import.repository.ts'
import { createJobRepository } from './features/jobs/job.repository.ts'
import { createJobService } from './features/jobs/job.service.ts'
import { createJobPlanning } from './features/jobs/job-planning.ts'
import { createJobPreparation } from './features/jobs/job-preparation.ts'
import { createJobWaits } from './features/jobs/job-wait.service.ts'
import { createJobWakeUps } from './features/jobs/job-wake-ups.service.ts'
import { createJobWatchers } from './features/jobs/job-watchers.ts'
import { createResultsRepository } from './features/jobs/results.repository.ts'
import { countQueued, refuseIfFull } from './features/jobs/sql/count-queued.ts'
import { insertJob } from './features/jobs/sql/insert.ts'
import { createWeightSource } from './features/jobs/weight-source.ts'
import { createServiceStatsRepository } from './features/service-stats/service-stats.repository.ts'
import { createServiceStatsService } from './features/service-stats/service-stats.service.ts'
import { createWorkerRepository } from './features/service-stats/worker.repository.ts'
import { createSweepRepository } from './features/sweeps/sweep.repository.ts'
import { createSweepService } from './features/sweeps/sweep.service.ts'
import { createTrainerCheckpoints } from './features/trainers/trainer-checkpoint.repository.ts'
import { createUploadSessionRepository } from './features/uploads/upload-session.repository.ts'
import { createUploadSessionService } from './features/uploads/upload-session.service.ts'
import { buildApp, filesPerBody } from './http/app.ts'
import type { Pace } from './http/bodies/progress.ts'
import type { ZstdAnswer, ZstdQuestion } from './http/bodies/unzstd.ts'
import { readDashboard } from './http/dashboard-files.ts'
import type { App } from './http/types.ts'
import { isDatabaseUnavailable } from './platform/db/unavailable.ts'
import type { Infrastructure } from './platform/infrastructure.ts'
import { createOutboundHttp } from './platform/outbound/outbound-http.ts'
import { findPackageRoot } from './platform/package-root.ts'
import { createMetrics } from './platform/telemetry/prometheus.ts'
import { createThread } from './platform/thread.ts'
import { readinessChecks } from './readiness-checks.ts'

export type ApiOptions = {
  infrastructure: Pick<Infrastructure, 'database' | 'notifications' | 'wakeUps'>
  config: Pick<Config, 'apiKeys' | 'bodyLimit'> &
    Partial<
      Pick<
        Config,
        | 'operatorKeys'
        | 'rateLimit'
        | 'allowedHosts'
        | 'corsOrigins'
        | 'maxStoredBytes'
        | 'importHosts'
        | 'outbound'
        | 'maxQueuedJobs'
        | 'maxRunningJobs'
        | 'retentionDays'
        | 'mlflow'
      >
    >
  log?: FastifyBaseLogger
  /** How long an inference request may wait for its answer; the contract's time unless given. */
  inferenceTimeoutMs?: number
  /** How long an event stream may be silent; the feed's time unless given. */
  quietMs?: number
  /** How long each check of `/readyz` may take. */
  readyMs?: number
  /** How long `/metrics` goes by what it read from the database; the service's time unless given. */
  freshMs?: number
  /** Event streams, and requests that wait, that a tenant may hold open; the entry point's own limit unless given. */
  openPerTenant?: number
  /** How fast large bodies must come; the entry point's own pace unless given. */
  pace?: Pace
}

/** Jobs of a tenant that may be queued at a time, unless the config says it. */
const defaultQueued = 100_000

/** Largest files that the open uploads of a tenant may come to together. */
const filesInParts = 4

/** Room for the temporary files of uploads, as so many JSON bodies of the largest size: 16 GiB unless the limit was changed. */
const spooledBodies = 256

/** How long a picture may take to become a PNG, the start of its thread included. */
const pictureMs = 20_000

/** The whole API over what it runs on; it listens nowhere yet. */
export const composeApi = async ({
  infrastructure,
  config,
  log,
  inferenceTimeoutMs,
  quietMs,
  readyMs = 2500,
  freshMs,
  openPerTenant,
  pace,
}: ApiOptions): Promise<App> => {
  const { database, notifications, wakeUps } = infrastructure
  const newId = createIds()
  const onError = (error: unknown): void => log?.warn({ err: error }, 'work beside the requests failed')
  const outbound = createOutboundHttp(config.outbound ?? { allowHttp: false, allowPrivate: false })
  const {
    start: startWebhooks,
    look,
    close: closeWebhooks,
    urlErrors,
    ...webhooks
  } = composeWebhooks({ infrastructure, newId, outbound, onError })
  const jobWakeUps = createJobWakeUps({ notifications, wakeUps, onQueued: look })
  const datasets = createDatasetRepository(database)
  const limits = { maxQueued: config.maxQueuedJobs ?? defaultQueued, maxRunning: config.maxRunningJobs }
  const jobs = createJobRepository(database, removeUnusedDatasets, limits)
  const results = createResultsRepository(database)
  const serviceStats = createServiceStatsService({ serviceStats: createServiceStatsRepository(database), freshMs })
  const version = readVersion()
  const metrics = createMetrics({ version, statuses: jobStatuses, finalStatuses: terminalStatuses, read: serviceStats.read })
  const watchers = createJobWatchers({ jobs, results, notifications, onJoin: metrics.holdWatcher })
  const checkpoints = createTrainerCheckpoints(database)
  const weights = createWeightSource({ jobs, results, findCheckpoint: checkpoints.read })
  const levels = createLevelRepository(database)
  const uploadSessions = createUploadSessionRepository(database)
  const imports = createImportRepository(database)
  const housekeeping = composeHousekeeping({ database, datasets, uploadSessions, imports, retentionDays: config.retentionDays, onError })
  const idempotency = createIdempotencyService({ keys: createIdempotencyRepository(database), onError })
  const generator = createThread<GeneratorRequest, GeneratorAnswer>(threadEntry('generator'))
  const levelsOf = createColumnLevels(levels)
  const planning = createJobPlanning({
    tables: createRowReader({ chunks: createChunkRepository(database), generator }),
    levels,
  })
  const preparation = createJobPreparation({ datasets, weights, workers: createWorkerRepository(database), planning, newId, urlErrors })
  const datasetService = createDatasetService({
    datasets,
    uploads: createUploadRepository(database, config.maxStoredBytes),
    tables: composeTables(spooledBodies * config.bodyLimit),
    generator,
    newId,
  })
  const png = createThread<string, Uint8Array>(threadEntry('png'), { timeoutMs: pictureMs })
  const { keyring: keys, service: apiKeys } = composeKeys({ database, config, newId, onError })
  const fileBytes = filesPerBody * config.bodyLimit
  const askZstd = createThread<ZstdQuestion, ZstdAnswer>(threadEntry('zstd')).ask
  const importing = composeImports({
    imports,
    notifications,
    newId,
    datasets: datasetService,
    bodyLimit: config.bodyLimit,
    fileLimit: fileBytes,
    askZstd,
    hosts: config.importHosts ?? [],
    outbound,
    onError,
  })
  const shown = composeResults({ database, watchers, jobs, datasets, levelsOf, results, keys, png, quietMs })
  const mlflow = composeMlflow({ database, weights: shown.weights, settings: config.mlflow, onError })
  const app = await buildApp({
    services: {
      datasets: datasetService,
      uploads: createUploadSessionService({
        uploads: uploadSessions,
        getDataset: datasetService.get,
        newId,
        room: { upload: fileBytes, tenant: Math.min(filesInParts * fileBytes, config.maxStoredBytes ?? Number.POSITIVE_INFINITY) },
      }),
      imports: importing.service,
      ...webhooks,
      datasetRows: createDatasetRowsService({ rows: createRowRepository(database), generator }),
      jobs: createJobService({ jobs, preparation, wakeUps: jobWakeUps, newId }),
      jobWaits: createJobWaits({ jobs, watchers }),
      ...shown,
      ...composeEvents({ database, notifications, quietMs, onError }),
      ...composeInference({ database, notifications, jobs, datasets, levels, newId, config, timeoutMs: inferenceTimeoutMs }),
      sweeps: createSweepService({
        sweeps: createSweepRepository(database, { insertJob, refuseIfFull, countQueued, maxQueued: limits.maxQueued }),
        jobs,
        preparation,
        wakeUps: jobWakeUps,
        newId,
      }),
      apiKeys,
      trainers: composeTrainers({ database, jobs, datasets, preparation, notifications, newId, stateTimeoutMs: inferenceTimeoutMs }),
      idempotency,
    },
    keys,
    callers: { allowedHosts: config.allowedHosts ?? [], corsOrigins: config.corsOrigins ?? [] },
    checks: readinessChecks(infrastructure, readyMs),
    newId,
    isUnavailable: isDatabaseUnavailable,
    onClose: async () => {
      keys.close()
      idempotency.close()
      jobWakeUps.close()
      await importing.close()
      await closeWebhooks()
      await mlflow.close()
      await housekeeping.close()
    },
    bodyLimit: config.bodyLimit,
    pace,
    openPerTenant,
    askZstd,
    version,
    dashboard: readDashboard(join(findPackageRoot(), 'dist/dashboard')),
    metrics,
    log,
  })
  // Putting the routes together holds this process: a statement meanwhile would seem to get no answer.
  startWebhooks()
  return app
}

/** An entry of a thread beside this file, compiled or not. */
const threadEntry = (name: string): URL => new URL(`./${name}.thread${import.meta.url.slice(-3)}`, import.meta.url)

/** The service's version, as package.json says it. */
const readVersion = (): string => JSON.parse(readFileSync(join(findPackageRoot(), 'package.json'), 'utf8')).version
