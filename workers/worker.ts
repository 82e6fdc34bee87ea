/**
 * Entry of a worker: trains jobs in WORKERS child processes and answers inference requests in one more. On SIGTERM, or when its
 * supervisor is gone, it hands its jobs back within a few seconds.
 */
import { loadConfig } from '../src/config.ts'
import { runEntry } from '../src/platform/entry.ts'
import { openInfrastructure } from '../src/platform/infrastructure.ts'
import { compileAhead } from '../src/validation/compile-ahead.ts'
import { chooseBackend } from './engine/backends/backends.ts'
import { startWorker } from './start-worker.ts'
import { type FirstChild, startFirstChild } from './training/first-process.ts'

const { env } = process

/** Loading native TensorFlow takes longer than all else and needs no database: it begins before there is one. */
const beginTraining = (): Promise<FirstChild> => {
  const { trainingBackend, workers, jobMemory } = loadConfig(env, { listens: false })
  return startFirstChild(trainingBackend, { slots: workers, env, jobMemory })
}

// What is wrong with the settings is said further down.
const beginning = Promise.resolve().then(beginTraining)
beginning.catch(() => {})

await runEntry({ name: 'worker', env, listens: false, graceMs: 8000 }, async ({ config, log, stopping, defer, announceReady }) => {
  defer(() => beginning.then(({ child }) => child?.kill()))
  const infrastructure = await openInfrastructure(config, log)
  defer(infrastructure.close)

  const { reports, child } = await beginning
  const backend = chooseBackend(reports)
  for (const report of reports) if (!report.ok) log.info(`${report.name} is not used: ${report.reason}`)
  log.info({ version: backend.version, device: backend.device }, `training on ${backend.name}`)
  if (stopping.aborted) return

  const worker = startWorker({
    infrastructure,
    backend,
    slots: config.workers,
    trainerSlots: config.trainerWorkers,
    jobMemory: config.jobMemory,
    maxRunning: config.maxRunningJobs,
    env,
    log,
    first: child,
  })
  defer(worker.close)
  announceReady()
  compileAhead()
})
