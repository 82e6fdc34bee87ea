/**
 * Entry of a worker: hears bells, trains jobs in WORKERS child processes and answers calls in one more. On SIGTERM, or
 * when its supervisor is gone, it hands its jobs back within a few seconds.
 */
import { extname, join } from 'node:path'
import { queues } from '../src/contracts/queue.ts'
import { createAnswerRepository } from '../src/features/calls/answer.repository.ts'
import { createChunkRepository } from '../src/features/datasets/chunk.repository.ts'
import { createLeaseRepository } from '../src/features/jobs/lease.repository.ts'
import { createRecoveryRepository } from '../src/features/jobs/recovery.repository.ts'
import { runEntry } from '../src/platform/entry.ts'
import { openInfrastructure } from '../src/platform/infrastructure.ts'
import { createCallsProcessor } from './calls/calls-processor.ts'
import type { CallMethods } from './calls/protocol.ts'
import { chooseBackend, probeBackends } from './engine/backends.ts'
import { planOf } from './plan-of.ts'
import { createChildPool } from './rpc/child-pool.ts'
import { createProcessor } from './training/processor.ts'
import type { TrainingMethods } from './training/protocol.ts'
import { startReconciler } from './training/reconciler.ts'

/** Resident memory at which a child is replaced after a job. */
const recycleAboveBytes = 1.5 * 2 ** 30
/** Calls in hand at a time; the child answers them one after the other. */
const callsAtOnce = 4

/** A module from the sources and from the build alike. */
const entryOf = (path: string): string => join(import.meta.dirname, `${path}${extname(import.meta.filename)}`)

await runEntry({ name: 'worker', env: process.env, listens: false, graceMs: 8000 }, async ({ config, log, defer, announceReady }) => {
  const { database, notifications, bell, close } = await openInfrastructure(config, log)
  defer(close)

  const reports = await probeBackends(config.trainingBackend)
  const backend = chooseBackend(reports)
  for (const report of reports) if (!report.ok) log.info(`${report.name} is not used: ${report.reason}`)
  log.info({ version: backend.version, device: backend.device }, `training on ${backend.name}`)
  const gpu = backend.device === 'gpu'

  const onError = (error: Error, slot: number): void => log.error({ err: error, slot }, 'a child process did not start')
  const training = createChildPool<TrainingMethods>({
    entry: entryOf('training/training.child'),
    // One CUDA device per child: TensorFlow would take them all.
    env: (slot) => ({ ...process.env, TRAINING_CHOICE: backend.name, ...(gpu ? { CUDA_VISIBLE_DEVICES: String(slot) } : {}) }),
    size: config.workers,
    recycleAboveBytes,
    onError,
  })
  defer(training.close)
  const calls = createChildPool<CallMethods>({
    entry: entryOf('calls/calls.child'),
    env: () => process.env,
    size: 1,
    recycleAboveBytes,
    onError,
  })
  defer(calls.close)

  const processor = createProcessor({
    lease: createLeaseRepository(database),
    chunks: createChunkRepository(database),
    pool: training,
    notifications,
    bell,
    planOf,
    gpu,
    log,
  })
  const callsProcessor = createCallsProcessor({ answers: createAnswerRepository(database), pool: calls, planOf, log })
  const listeners = [
    bell.listen(queues.training, { concurrency: config.workers }, (_id, signal) => processor.process(signal)),
    bell.listen(queues.calls, { concurrency: callsAtOnce }, callsProcessor.process),
  ]
  defer(() => Promise.all(listeners.map((listener) => listener.close())))
  const reconciler = startReconciler({ recovery: createRecoveryRepository(database), bell, gpu, log })
  defer(reconciler.close)
  announceReady()
})
