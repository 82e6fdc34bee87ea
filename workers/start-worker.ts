import { randomUUID } from 'node:crypto'
import { extname, join } from 'node:path'
import { queues, requestQueues } from '../src/contracts/queue.ts'
import { createChunkRepository } from '../src/features/datasets/chunk.repository.ts'
import { createLevelRepository } from '../src/features/datasets/level.repository.ts'
import { createModelRepository } from '../src/features/inference/model.repository.ts'
import { createRequestRepository } from '../src/features/inference/request.repository.ts'
import { createBlobRepository, blobChunkBytes as defaultChunkBytes } from '../src/features/jobs/blob.repository.ts'
import { createLeaseRepository } from '../src/features/jobs/lease.repository.ts'
import { createRecoveryRepository } from '../src/features/jobs/recovery.repository.ts'
import { createPredictionWorkRepository } from '../src/features/predictions/prediction-work.repository.ts'
import { createWorkerRepository } from '../src/features/service-stats/worker.repository.ts'
import type { Infrastructure } from '../src/platform/infrastructure.ts'
import { limitedSignal } from '../src/platform/limited-signal.ts'
import type { Log } from '../src/platform/log.ts'
import type { BackendName, BackendReport } from './engine/backends/backends.ts'
import { createInferenceProcessor } from './inference/inference-processor.ts'
import type { InferenceMethods } from './inference/protocol.ts'
import { createRequestIntake } from './inference/request-intake.ts'
import { createTrainingPlans, planOf } from './plan-of.ts'
import { startPredictionHost } from './predictions/prediction-host.ts'
import type { PredictionMethods } from './predictions/protocol.ts'
import { type Child, startChild } from './rpc/child-host.ts'
import { type ChildPool, createChildPool } from './rpc/child-pool.ts'
import type { Methods } from './rpc/messages.ts'
import type { TrainerMethods } from './trainers/protocol.ts'
import { createTrainerSide } from './trainers/trainer-side.ts'
import { trainingChildren } from './training/first-process.ts'
import { createIdleStart, trainAll } from './training/idle-start.ts'
import { createProcessor } from './training/processor.ts'
import type { TrainingMethods } from './training/protocol.ts'
import { startReconciler } from './training/reconciler.ts'
import { withRetries } from './training/retries.ts'
import { availableMemory, startWorkerHeartbeat } from './training/worker-heartbeat.ts'

/** Resident memory at which a child is replaced after a job. */
const recycleAboveBytes = 1.5 * 2 ** 30
/** What a process holds once it is warm, and a little. */
const leastRecycledBytes = 512 * 2 ** 20
/** Inference requests in hand at a time; the child answers them one after the other. */
const requestsAtOnce = 4

/** How long a wake-up waits for a child that is busy, before it leaves the job to the reconciler's next round. */
const freeWithinMs = 50

export type WorkerOptions = {
  infrastructure: Pick<Infrastructure, 'database' | 'notifications' | 'wakeUps'>
  backend: Extract<BackendReport, { ok: true }>
  /** Jobs trained at a time, each in a child of its own. */
  slots: number
  /** Processes that trainers are open in; none unless given. */
  trainerSlots?: number
  /** Environment of the children. */
  env: NodeJS.ProcessEnv
  log: Log
  /** Bytes above which values are stored in chunks, and those of a chunk; the repository's unless given. */
  blobChunkBytes?: number
  /** Resident bytes that a training process may hold; undefined: as many as there are. */
  jobMemory?: number
  /** Jobs of a tenant that may be in work at a time; undefined: any number. */
  maxRunning?: number
  /** A training child that is there already. */
  first?: Child<TrainingMethods> | undefined
}

/** Starts to listen for wake-ups. `close` hands jobs back and ends the children. */
export const startWorker = ({
  infrastructure,
  backend,
  slots,
  trainerSlots = 0,
  env,
  log,
  blobChunkBytes = defaultChunkBytes,
  jobMemory,
  maxRunning,
  first,
}: WorkerOptions) => {
  const { database, notifications, wakeUps } = infrastructure
  const gpu = backend.device === 'gpu'
  const onError = (error: Error, slot: number): void => log.error({ err: error, slot }, 'a child process failed')

  // A process that keeps much of its last job would be over the limit with the next one, however small.
  const recycleAbove = Math.min(recycleAboveBytes, Math.max(leastRecycledBytes, (jobMemory ?? Number.POSITIVE_INFINITY) / 2))

  const children = trainingChildren({ slots, env, jobMemory, blobChunkBytes })
  const training = createChildPool<TrainingMethods>({
    ...children.optionsOf(backend.name),
    env: (slot) => (gpu ? children.gpuEnv(slot) : children.cpuEnv),
    size: slots,
    first,
    recycleAboveBytes: recycleAbove,
    onError,
  })
  const inference = createChildPool<InferenceMethods>({
    entry: entryOf('inference/inference.child'),
    env: () => env,
    size: 1,
    recycleAboveBytes,
    onError,
  })

  /** Beside a GPU, for the jobs that must not run on it. */
  const onCpu = gpu
    ? createChildPool<TrainingMethods>({
        ...children.optionsOf(onCpuName(backend.name)),
        env: () => env,
        size: 1,
        recycleAboveBytes,
        onError,
      })
    : undefined

  const levels = createLevelRepository(database)
  const parts = {
    lease: createLeaseRepository(database, maxRunning),
    chunks: createChunkRepository(database),
    levels,
    blobs: createBlobRepository(database, { size: blobChunkBytes, retry: withRetries }),
    notifications,
    wakeUps,
    planOf: createTrainingPlans(levels),
    jobMemory,
    log,
  }
  const onCpuToo = onCpu ? [createProcessor({ ...parts, pool: { take: takeIfFree(onCpu) }, gpu: false, any: false })] : []
  const processors = [createProcessor({ ...parts, pool: training, gpu }), ...onCpuToo]
  const idle = createIdleStart({
    pools: onCpu ? [training, onCpu] : [training],
    processors: [createProcessor({ ...parts, pool: { take: takeIfFree(training) }, gpu }), ...onCpuToo],
    onError: (error) => log.error({ err: error }, 'a job could not be trained'),
  })
  /** One wake-up stands for every job that waits. */
  const process = async (_id: string, signal: AbortSignal): Promise<void> => {
    for (const processor of processors) await trainAll(processor, signal, () => idle.start(1))
  }
  const listener = wakeUps.listen(queues.training, { concurrency: slots }, process)
  const owner = { queue: requestQueues.inference, worker: randomUUID() }
  const requests = createRequestRepository(database, owner)
  const models = createModelRepository(database)
  const intake = createRequestIntake({
    owner,
    requests,
    notifications,
    handle: createInferenceProcessor({ requests, models, pool: inference, planOf, log }),
    atOnce: requestsAtOnce,
    onError: (error) => log.error({ err: error }, 'an inference request could not be answered'),
  })
  const reconciler = startReconciler({
    recovery: createRecoveryRepository(database, maxRunning),
    wakeUps,
    gpu,
    log,
    startIdle: idle.start,
    answerRequests: intake.sweep,
  })

  const heartbeat = startWorkerHeartbeat({
    workers: createWorkerRepository(database),
    memoryBytes: jobMemory ?? availableMemory(),
    gpu,
    trainers: trainerSlots > 0,
    log,
  })

  /** A child beside the training ones, on the same backend; of several CUDA devices it has the first. */
  const startBeside = <Served extends Methods>(path: string) =>
    startChild<Served>({
      entry: entryOf(path),
      args: [backend.name],
      env: gpu ? children.gpuEnv(0) : children.cpuEnv,
    })

  const predictions = startPredictionHost({
    work: createPredictionWorkRepository(database),
    models,
    chunks: parts.chunks,
    levels,
    start: () => startBeside<PredictionMethods>('predictions/prediction.child'),
    notifications,
    log,
  })

  const trainers =
    trainerSlots > 0
      ? createTrainerSide({
          database,
          notifications,
          chunks: parts.chunks,
          levels,
          planOf: parts.planOf,
          slots: trainerSlots,
          start: () => startBeside<TrainerMethods>('trainers/trainer.child'),
          log,
        })
      : undefined

  const close = async (): Promise<void> => {
    await heartbeat.close()
    await reconciler.close()
    await Promise.all([predictions.close(), trainers?.close(), idle.close(), intake.close(), listener.close()])
    await Promise.all([training.close(), onCpu?.close(), inference.close()])
  }
  return {
    close,
    trainingPids: training.pids,
    inferencePids: inference.pids,
    trainerPids: () => trainers?.pids() ?? [],
    predictionPids: predictions.pids,
  }
}

export type Worker = ReturnType<typeof startWorker>

/** A module from the sources and from the build alike. */
const entryOf = (path: string): string => join(import.meta.dirname, `${path}${extname(import.meta.filename)}`)

/** TensorFlow without CUDA is there wherever TensorFlow with it is. */
const onCpuName = (name: BackendName): BackendName => (name === 'tensorflow-gpu' ? 'tensorflow' : name)

/** A child that is not busy; a wake-up that waited for one would keep others from the GPU. */
const takeIfFree =
  (pool: ChildPool<TrainingMethods>): ChildPool<TrainingMethods>['take'] =>
  (signal) =>
    pool.take(limitedSignal(signal, freeWithinMs))
