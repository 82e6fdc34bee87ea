/**
 * Entry of a worker: trains jobs in WORKERS child processes and answers inference requests in one more. On SIGTERM, or when its
 * supervisor is gone, it hands its jobs back within a few seconds.
 */
import { runEntry } from '../src/platform/entry.ts'
import { openInfrastructure } from '../src/platform/infrastructure.ts'
import { compileAhead } from '../src/validation/compile-ahead.ts'
import { chooseBackend, probeBackends } from './engine/backends/backends.ts'
import { startWorker } from './start-worker.ts'

await runEntry(
  { name: 'worker', env: process.env, listens: false, graceMs: 8000 },
  async ({ config, log, stopping, defer, announceReady }) => {
    // Native TensorFlow takes as long to try as all the rest to open: a worker that comes for a dead one has no time to lose.
    const probing = probeBackends(config.trainingBackend)
    const infrastructure = await openInfrastructure(config, log)
    defer(infrastructure.close)

    const reports = await probing
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
      env: process.env,
      log,
    })
    defer(worker.close)
    announceReady()
    compileAhead()
  },
)
